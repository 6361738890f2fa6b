"""From a masked LSTM to a small dense one that computes the same, and what either costs.

A pruned LSTM needs no bottleneck at inference: its kept inputs, units and weights are copied into an `nn.LSTM`.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from vibhar.recurrent import VIBLSTM, weights_of

CLOSED = -1e4  # a forget bias at which sigmoid is exactly 0, also in float64


class NothingLeft(ValueError):
    """Every input or every hidden unit fell below the threshold; a smaller beta or threshold keeps some."""


class Pruned(NamedTuple):
    """A dense LSTM, the indices of the inputs and units that it kept, and the factors on h for the next layer."""

    module: nn.LSTM
    inputs: Int[Tensor, " d"]
    hidden: Int[Tensor, " h"]
    scale: Float[Tensor, " h"]


@torch.no_grad()
def prune(vib: VIBLSTM) -> Pruned:
    """The dense LSTM that equals `vib` in evaluation: h_masked[..., hidden] = scale * h_dense, the other units are 0.

    Raises NothingLeft where no input or no hidden unit is kept.
    """
    gates = vib.masked_gates()
    inputs = vib.input_bottleneck.mask().nonzero()[:, 0]
    hidden = vib.hidden_mask().nonzero()[:, 0]
    if not len(inputs) or not len(hidden):
        raise NothingLeft(
            f"Nothing is left to prune to: {len(inputs)} of {vib.lstm.input_size} inputs and {len(hidden)} of "
            f"{vib.lstm.hidden_size} hidden units have alpha above the threshold. Take a smaller beta."
        )
    scale = gates.o[0, hidden]
    rows = torch.cat([gate * vib.lstm.hidden_size + hidden for gate in range(4)])
    dense = nn.LSTM(len(inputs), len(hidden), batch_first=vib.lstm.batch_first).to(scale)
    small, large = weights_of(dense), weights_of(vib.lstm)
    small.ih.copy_(large.ih[rows][:, inputs] * gates.x[0, inputs])
    small.hh.copy_(large.hh[rows][:, hidden] * scale)
    small.bias_ih.copy_(large.bias_ih[rows])
    small.bias_hh.copy_(large.bias_hh[rows])
    close_forget_gates(dense, gates.f[0, hidden] == 0)
    return Pruned(dense, inputs, hidden, scale)


def close_forget_gates(lstm: nn.LSTM, closed: Tensor) -> None:
    """Make f exactly 0 for the units in `closed` [h]: no weights, and a bias far below."""
    rows = lstm.hidden_size + closed.nonzero()[:, 0]
    for parameter in weights_of(lstm):
        parameter[rows] = 0
    weights_of(lstm).bias_ih[rows] = CLOSED


@torch.no_grad()
def narrow(linear: nn.Linear, hidden: Int[Tensor, " h"], scale: Float[Tensor, " h"]) -> nn.Linear:
    """The layer after a pruned one: its columns for the kept units, times the factors that they bring."""
    narrowed = nn.Linear(len(hidden), linear.out_features, bias=linear.bias is not None).to(linear.weight)
    narrowed.weight.copy_(linear.weight[:, hidden] * scale)
    if linear.bias is not None:
        narrowed.bias.copy_(linear.bias)
    return narrowed


def count_lstm_parameters(inputs: int, hidden: int) -> int:
    """4 h (d + h) + 8 h: torch's LSTM, with its two bias vectors."""
    return 4 * hidden * (inputs + hidden) + 8 * hidden
