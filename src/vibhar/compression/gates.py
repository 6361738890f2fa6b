"""The bottlenecks of one recurrent module: on its input, and on each gate's output in each cell.

A cell is one layer in one direction; cells are in torch's order: layer 0, layer 0 reverse, layer 1, ...
Dimensions: B examples, D inputs, H hidden units.
"""

from functools import reduce
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from vibhar.compression.bottleneck import Bottleneck


class GateNames(NamedTuple):
    """The gates of an LSTM or GRU cell by their names in torch's order, and what cutting each of them means."""

    all: str
    needed: str  # a unit is kept only if all of these are kept: without one of them its h stays 0
    output: str  # the gate whose mu scales all of h, so that pruning can multiply it into the weights
    closable: str  # gates that may be cut in a kept unit: they are then exactly 0


LSTM_GATES = GateNames("ifgo", needed="igo", output="o", closable="f")
GRU_GATES = GateNames("rzn", needed="n", output="n", closable="rz")

EVALUATIONS = ("mean", "mask")

CellFactors = dict[str, Float[Tensor, "B_or_1 H"]]


class Factors(NamedTuple):
    """The factors on the inputs and on the gate outputs of each cell: one row per example, or one row for all."""

    inputs: Float[Tensor, "B_or_1 D"]
    cells: list[CellFactors]


class GateBottlenecks(nn.Module):
    """A bottleneck on `inputs` inputs, and one on each gate of `cells` cells of `hidden` units.

    `evaluation` chooses the factor on kept units in evaluation mode: with "mean" it is mu wherever pruning can multiply
    mu into the weights; with "mask" it is 1, as in the paper's released code. See `masked`. Raises ValueError for any
    other evaluation or noise.
    """

    def __init__(
        self,
        inputs: int,
        hidden: int,
        cells: int,
        names: GateNames,
        *,
        threshold: float = 1.0,
        noise: str = "sequence",
        evaluation: str = "mean",
    ) -> None:
        super().__init__()
        if evaluation not in EVALUATIONS:
            raise ValueError(f"evaluation is one of {', '.join(EVALUATIONS)}, not {evaluation!r}")
        self.names = names
        self.evaluation = evaluation
        self.inputs = Bottleneck(inputs, threshold, noise)
        self.cells = nn.ModuleList(
            nn.ModuleDict({name: Bottleneck(hidden, threshold, noise) for name in names.all}) for _ in range(cells)
        )

    def gate(self, name: str, cell: int = 0) -> Bottleneck:
        """Return the bottleneck on the output of one gate of one cell."""
        bottleneck = self.cells[cell].get_submodule(name)
        assert isinstance(bottleneck, Bottleneck)
        return bottleneck

    def stay_open(self, *, inputs: bool, gates: bool) -> None:
        """Switch off the bottleneck of the inputs, those of the gates, or both."""
        if inputs:
            self.inputs.stay_open()
        if gates:
            for cell in range(len(self.cells)):
                for name in self.names.all:
                    self.gate(name, cell).stay_open()

    def sampled(self, batch: int) -> Factors:
        """Draw z = mu + sigma * eps for every bottleneck (Eq 3); the same z is used at all time steps."""
        cells = [
            {name: self.gate(name, cell).sample(batch) for name in self.names.all} for cell in range(len(self.cells))
        ]
        return Factors(self.inputs.sample(batch), cells)

    def masked(self) -> Factors:
        """Return the factors for evaluation: 0 for what is cut, and for what is kept either mu or 1.

        It is mu for the inputs (mu scales columns of W_ih) and for the gate that scales h (mu scales columns of W_hh
        and of the next layer), because pruning can multiply these into the weights. It is 1 for the other gates, whose
        mu acts between two nonlinearities. With evaluation "mask" it is 1 for all.
        """
        inputs = self.inputs.mask() * self.scale(self.inputs)
        return Factors(inputs[None], [self.masked_cell(cell) for cell in range(len(self.cells))])

    def masked_cell(self, cell: int) -> CellFactors:
        """Return the factors for evaluation of one cell, each [1, H]."""
        kept, scale = self.kept(cell), self.scale(self.gate(self.names.output, cell))
        factors = {name: (kept & self.gate(name, cell).mask()).to(scale) for name in self.names.all}
        factors[self.names.output] = factors[self.names.output] * scale
        return {name: factor[None] for name, factor in factors.items()}

    def scale(self, bottleneck: Bottleneck) -> Float[Tensor, " units"]:
        """Return the factor on kept units, mu or 1, of a bottleneck that pruning can multiply into the weights."""
        return bottleneck.mean if self.evaluation == "mean" else torch.ones_like(bottleneck.mean)

    def kept(self, cell: int = 0) -> Bool[Tensor, " H"]:
        """Return True for the hidden units of a cell to keep."""
        return reduce(torch.logical_and, (self.gate(name, cell).mask() for name in self.names.needed))

    def input_kl(self) -> Float[Tensor, ""]:
        """The information bound of the inputs (Eq 12), in nats."""
        return self.inputs.kl()

    def hidden_kl(self) -> Float[Tensor, ""]:
        """The information bound of the gates, each counted once and not once a time step (Eq 15), in nats."""
        bounds = [self.gate(name, cell).kl() for cell in range(len(self.cells)) for name in self.names.all]
        return torch.stack(bounds).sum()
