"""Parameters of recurrent modules and of the layers around them, as torch counts them: two bias vectors a gate.

Dimensions: d inputs, h hidden units.
"""

from collections.abc import Iterable

from torch import nn


def count_parameters(parameters: Iterable[nn.Parameter]) -> int:
    """The numbers in them: of a dense LSTM what the formula below says, of a tensorised one its map + 4 h^2 + 8 h."""
    return sum(parameter.numel() for parameter in parameters)


def count_lstm_parameters(inputs: int, hidden: int) -> int:
    """4 h (d + h) + 8 h."""
    return 4 * hidden * (inputs + hidden) + 8 * hidden


def count_gru_parameters(inputs: int, hidden: int) -> int:
    """3 h (d + h) + 6 h."""
    return 3 * hidden * (inputs + hidden) + 6 * hidden


def count_linear_parameters(inputs: int, outputs: int) -> int:
    """The head: weights and biases of a fully connected layer."""
    return outputs * (inputs + 1)
