"""Count the parameters of recurrent modules and linear layers, with torch's two bias vectors per gate.

Dimensions: d inputs, h hidden units.
"""

from collections.abc import Iterable

from torch import nn


def count_parameters(parameters: Iterable[nn.Parameter]) -> int:
    """Return the number of elements of all parameters. A tensorised LSTM has those of its map + 4 h^2 + 8 h."""
    return sum(parameter.numel() for parameter in parameters)


def count_gated_parameters(gates: int, inputs: int, hidden: int) -> int:
    """Return g h (d + h) + 2 g h, the parameters of a recurrent cell with g gates."""
    return gates * hidden * (inputs + hidden) + 2 * gates * hidden


def count_lstm_parameters(inputs: int, hidden: int) -> int:
    """Return 4 h (d + h) + 8 h, the parameters of one LSTM layer."""
    return count_gated_parameters(4, inputs, hidden)


def count_gru_parameters(inputs: int, hidden: int) -> int:
    """Return 3 h (d + h) + 6 h, the parameters of one GRU layer."""
    return count_gated_parameters(3, inputs, hidden)


def count_convolutional_lstm_parameters(channels: int, hidden: int, kernel: int = 3) -> int:
    """Return 4 k^2 (c + h) h, the weights of a ConvLSTM of k x k kernels without biases (the paper's 4.72M)."""
    return 4 * kernel**2 * (channels + hidden) * hidden


def count_linear_parameters(inputs: int, outputs: int) -> int:
    """Return the weights and biases of a fully connected layer."""
    return outputs * (inputs + 1)
