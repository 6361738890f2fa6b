"""Prune a VIBLSTM or VIBGRU to a small dense LSTM or GRU that computes the same.

The kept inputs, units and weights are copied into a module of torch, which needs no bottleneck at inference.

Dimensions: D and d inputs, H and h hidden units before and after pruning, L layers times directions.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from vibhar.compression.cells import State, Weights, weights_of
from vibhar.compression.gates import GateBottlenecks
from vibhar.compression.modules import VIBGRU, VIBLSTM, options_of

CLOSED = -1e4  # a bias at which sigmoid is exactly 0, also in float64


class NothingLeft(ValueError):
    """Every input or every hidden unit fell below the threshold; a smaller beta or threshold keeps some."""


class Pruned(NamedTuple):
    """A dense LSTM or GRU, and the indices of the inputs and hidden units that were kept.

    `inputs` are the kept inputs. `hidden` are the kept columns of the output and `scale` the factors on them:
    masked[..., hidden] = scale * dense, and the other columns are 0. `cells` are the kept units of each layer and
    direction. In a module of torch all of these have equally many units, so a cell that keeps fewer is filled up with
    units whose output is 0; `cell_scales` are the factors on the units in `cells`, 0 for those.
    """

    module: nn.LSTM | nn.GRU
    inputs: Int[Tensor, " d"]
    hidden: Int[Tensor, " h_out"]
    scale: Float[Tensor, " h_out"]
    cells: Int[Tensor, "L h"]
    cell_scales: Float[Tensor, "L h"]


@torch.no_grad()
def prune(vib: VIBLSTM | VIBGRU) -> Pruned:
    """Return the dense module that equals `vib` in evaluation mode.

    Raises NothingLeft where no input or no unit is kept, and TypeError for a module without bottlenecks.
    """
    if not isinstance(vib, VIBLSTM | VIBGRU):
        raise TypeError(f"prune takes a VIBLSTM or a VIBGRU, not {type(vib).__name__}")
    factors = vib.bottlenecks.masked()
    inputs = vib.bottlenecks.inputs.mask().nonzero()[:, 0]
    cells = kept_units(vib.bottlenecks)
    check_something_left(vib, len(inputs))
    output = vib.bottlenecks.names.output
    scales = torch.stack([factor[output][0, units] for factor, units in zip(factors.cells, cells, strict=True)])
    dense = type(vib.rnn)(len(inputs), cells.shape[1], **options_of(vib.rnn)).to(scales).train(vib.training)
    columns, factor = inputs, factors.inputs[0, inputs]
    directions = 2 if vib.rnn.bidirectional else 1
    for cell, units in enumerate(cells):
        if cell and cell % directions == 0:
            columns, factor = joined(cells, scales, cell - directions, directions, vib.rnn.hidden_size)
        copy_cell(vib, dense, cell, units, columns, factor, scales[cell])
    hidden, scale = joined(cells, scales, len(cells) - directions, directions, vib.rnn.hidden_size)
    return Pruned(dense, inputs, hidden, scale, cells, scales)


def kept_units(bottlenecks: GateBottlenecks) -> Int[Tensor, "L h"]:
    """Return the kept units of each cell in order, followed by cut ones if another cell keeps more."""
    masks = torch.stack([bottlenecks.kept(cell) for cell in range(len(bottlenecks.cells))])
    return masks.int().argsort(dim=1, descending=True, stable=True)[:, : int(masks.sum(dim=1).max())]


def check_something_left(vib: VIBLSTM | VIBGRU, inputs: int) -> None:
    """Raise NothingLeft if no input is kept, or no hidden unit in some layer."""
    directions = 2 if vib.rnn.bidirectional else 1
    counts = [int(vib.bottlenecks.kept(cell).sum()) for cell in range(len(vib.bottlenecks.cells))]
    hidden = min(sum(counts[first : first + directions]) for first in range(0, len(counts), directions))
    if not inputs or not hidden:
        raise NothingLeft(
            f"Nothing is left to prune to: {inputs} of {vib.rnn.input_size} inputs and {hidden} of "
            f"{vib.rnn.hidden_size * directions} hidden units have alpha above the threshold. Take a smaller beta."
        )


def joined(cells: Tensor, scales: Tensor, first: int, directions: int, hidden_size: int) -> tuple[Tensor, Tensor]:
    """Return the kept columns of a layer's output (both directions side by side) and the factors on them."""
    layer = range(directions)
    columns = torch.cat([cells[first + direction] + direction * hidden_size for direction in layer])
    return columns, torch.cat([scales[first + direction] for direction in layer])


def copy_cell(
    vib: VIBLSTM | VIBGRU,
    dense: nn.LSTM | nn.GRU,
    cell: int,
    units: Int[Tensor, " h"],
    columns: Int[Tensor, " d"],
    factor: Float[Tensor, " d"],
    scale: Float[Tensor, " h"],
) -> None:
    """Fill one dense cell with the weights of the kept units, inputs and recurrent connections."""
    small, large = weights_of(dense, cell), weights_of(vib.rnn, cell)
    names = vib.bottlenecks.names
    rows = torch.cat([gate * vib.rnn.hidden_size + units for gate in range(len(names.all))])
    small.ih.copy_(large.ih[rows][:, columns] * factor)
    small.hh.copy_(large.hh[rows][:, units] * scale)
    small.bias_ih.copy_(large.bias_ih[rows])
    small.bias_hh.copy_(large.bias_hh[rows])
    for name in names.closable:
        closed = ~vib.bottlenecks.gate(name, cell).mask()[units]
        close_gate(small, names.all.index(name) * len(units) + closed.nonzero()[:, 0])


def close_gate(weights: Weights, rows: Int[Tensor, " closed"]) -> None:
    """Make a sigmoid gate exactly 0 in some rows: set its weights to 0 and its bias to a large negative number."""
    for parameter in weights:
        parameter[rows] = 0
    weights.bias_ih[rows] = CLOSED


@torch.no_grad()
def narrow(linear: nn.Linear, hidden: Int[Tensor, " h"], scale: Float[Tensor, " h"]) -> nn.Linear:
    """Return the layer after a pruned module: the columns of `linear` for the kept units, times their factors.

    Raises TypeError, ValueError or IndexError for another layer, for units and factors that are not one a column, and
    for units that the layer has no column for.
    """
    check_columns(linear, hidden, scale)
    narrowed = nn.Linear(len(hidden), linear.out_features, bias=linear.bias is not None).to(linear.weight)
    narrowed.weight.copy_(linear.weight[:, hidden] * scale)
    if linear.bias is not None:
        narrowed.bias.copy_(linear.bias)
    return narrowed


def check_columns(linear: nn.Linear, hidden: Tensor, scale: Tensor) -> None:
    """Raise an error for what `narrow` would broadcast, count from the end, or take for a mask."""
    if not isinstance(linear, nn.Linear):
        raise TypeError(f"narrow takes an nn.Linear, not {type(linear).__name__}")
    if hidden.dtype not in (torch.int64, torch.int32) or hidden.dim() != 1 or scale.shape != hidden.shape:
        raise ValueError(
            f"narrow takes the numbers of the kept units and a factor for each, not {hidden.dtype} "
            f"{list(hidden.shape)} and factors {list(scale.shape)}"
        )
    if len(hidden) and not 0 <= int(hidden.min()) <= int(hidden.max()) < linear.in_features:
        raise IndexError(f"the kept units are not all among the {linear.in_features} inputs of the layer")


def narrow_state(pruned: Pruned, state: State) -> State:
    """Convert an initial state (h, c) or (h,), each [L, B, H], to that of the dense module, each [L, B, h].

    Raises ValueError for a state of another form.
    """
    parts = 2 if isinstance(pruned.module, nn.LSTM) else 1
    if not isinstance(state, tuple | list) or [part.dim() for part in state] != [3] * parts:
        raise ValueError("narrow_state takes (h, c) of an LSTM or (h,) of a GRU, each [layers, batch, units]")
    h, *c = (torch.stack([part[:, units] for part, units in zip(parts, pruned.cells, strict=True)]) for parts in state)
    open_units = pruned.cell_scales != 0
    scale = torch.where(open_units, pruned.cell_scales, 1)[:, None]
    return tuple(part * open_units[:, None] for part in (h / scale, *c))
