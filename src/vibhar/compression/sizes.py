"""Parameters of recurrent modules and of the layers around them, as torch counts them: two bias vectors a gate.

Dimensions: d inputs, h hidden units.
"""

from collections.abc import Iterable

from torch import nn


def count_parameters(parameters: Iterable[nn.Parameter]) -> int:
    """The numbers in them: of a dense LSTM what the formula below says, of a tensorised one its map + 4 h^2 + 8 h."""
    return sum(parameter.numel() for parameter in parameters)


def count_gated_parameters(gates: int, inputs: int, hidden: int) -> int:
    """g h (d + h) + 2 g h, of a recurrent module with g gates."""
    return gates * hidden * (inputs + hidden) + 2 * gates * hidden


def count_lstm_parameters(inputs: int, hidden: int) -> int:
    """4 h (d + h) + 8 h."""
    return count_gated_parameters(4, inputs, hidden)


def count_gru_parameters(inputs: int, hidden: int) -> int:
    """3 h (d + h) + 6 h."""
    return count_gated_parameters(3, inputs, hidden)


def count_convolutional_lstm_parameters(channels: int, hidden: int, kernel: int = 3) -> int:
    """4 k^2 (c + h) h: convolutions of k x k places and no biases, as in the paper's 4.72M."""
    return 4 * kernel**2 * (channels + hidden) * hidden


def count_linear_parameters(inputs: int, outputs: int) -> int:
    """The head: weights and biases of a fully connected layer."""
    return outputs * (inputs + 1)
