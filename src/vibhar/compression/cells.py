"""Compute torch's LSTM and GRU with a factor on the input and on each gate's output (Eq 8).

Dimensions: B examples, T time steps, D inputs, H hidden units, L layers times directions, G gates.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import dropout

from vibhar.compression.gates import CellFactors, Factors

State = tuple[Float[Tensor, "..."], ...]  # (h, c) of an LSTM, (h,) of a GRU
Step = Callable[[Tensor, Tensor, State, CellFactors], State]


class Weights(NamedTuple):
    """The parameters of one cell of a torch LSTM or GRU; rows in the order of the gates."""

    ih: Float[nn.Parameter, "GH D"]
    hh: Float[nn.Parameter, "GH H"]
    bias_ih: Float[nn.Parameter, " GH"]
    bias_hh: Float[nn.Parameter, " GH"]


def weights_of(rnn: nn.LSTM | nn.GRU, cell: int = 0) -> Weights:
    """Return the parameters of one cell (layer and direction): the parameters themselves, not copies."""
    layer, reverse = divmod(cell, 2) if rnn.bidirectional else (cell, 0)
    suffix = f"_l{layer}" + "_reverse" * reverse
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return Weights(*(getattr(rnn, name + suffix) for name in names))


def lstm_step(from_x: Tensor, from_h: Tensor, state: State, gates: CellFactors) -> State:
    """One step of a gated LSTM cell; `from_x` and `from_h` are W x + b, [B, 4H]."""
    _, c = state
    i, f, g, o = (from_x + from_h).chunk(4, dim=-1)
    c = gates["f"] * f.sigmoid() * c + gates["i"] * i.sigmoid() * gates["g"] * g.tanh()
    return gates["o"] * o.sigmoid() * c.tanh(), c


def gru_step(from_x: Tensor, from_h: Tensor, state: State, gates: CellFactors) -> State:
    """One step of a gated GRU cell; `from_x` and `from_h` are W x + b, [B, 3H]."""
    (h,) = state
    (r, z, n), (from_r, from_z, from_n) = from_x.chunk(3, dim=-1), from_h.chunk(3, dim=-1)
    r = gates["r"] * (r + from_r).sigmoid()
    z = gates["z"] * (z + from_z).sigmoid()
    n = gates["n"] * (n + r * from_n).tanh()
    return ((1 - z) * n + z * h,)


def run(
    rnn: nn.LSTM | nn.GRU,
    step: Step,
    x: Float[Tensor, "T B D"],
    state: State,
    factors: Factors,
    valid: Bool[Tensor, "T B 1"] | None = None,
) -> tuple[Float[Tensor, "T B H_out"], State]:
    """Run all layers and directions. Returns the outputs of the last layer and the last state, each part [L, B, H].

    Where `valid` is False the sequence has ended: the state is kept and the output is 0.
    """
    directions = 2 if rnn.bidirectional else 1
    layer_input, finals = x * factors.inputs, []
    for layer in range(rnn.num_layers):
        if layer and rnn.dropout and rnn.training:
            layer_input = dropout(layer_input, rnn.dropout)
        outputs = []
        for cell in range(layer * directions, (layer + 1) * directions):
            first = tuple(part[cell] for part in state)
            backward = cell > layer * directions
            weights = weights_of(rnn, cell)
            from_x = layer_input @ weights.ih.T + weights.bias_ih
            output, final = run_cell(
                from_x, weights.hh, weights.bias_hh, step, first, factors.cells[cell], valid, backward=backward
            )
            outputs.append(output)
            finals.append(final)
        layer_input = torch.cat(outputs, dim=-1)
    return layer_input, tuple(torch.stack(parts) for parts in zip(*finals, strict=True))


def run_cell(
    from_x: Float[Tensor, "T B GH"],
    hh: Float[Tensor, "GH H"],
    bias_hh: Float[Tensor, " GH"],
    step: Step,
    state: State,
    factors: CellFactors,
    valid: Bool[Tensor, "T B 1"] | None = None,
    *,
    backward: bool = False,
) -> tuple[Float[Tensor, "T B H"], State]:
    """Run one cell over the time steps, from the last one if `backward`. `from_x` is the input projection W x + b."""
    outputs = [state[0]] * len(from_x)
    for t in range(len(from_x))[:: -1 if backward else 1]:
        new = step(from_x[t], state[0] @ hh.T + bias_hh, state, factors)
        if valid is not None:
            new = tuple(torch.where(valid[t], after, before) for after, before in zip(new, state, strict=True))
        state = new
        outputs[t] = state[0] if valid is None else state[0] * valid[t]
    return torch.stack(outputs), state
