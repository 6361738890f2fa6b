"""The bottlenecks of a recurrent module: one on its input and, in each cell, one on the output of each gate.

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
    """The gates of a kind of cell, by their names in torch's order, and what a cut of each means."""

    all: str
    needed: str  # a unit is kept where all of these are: without one of them its h stays 0
    output: str  # the gate whose mu scales h as a whole, so that a dense cell can take it into its weights
    closable: str  # those that a kept unit may lack: they are then exactly 0


LSTM_GATES = GateNames("ifgo", needed="igo", output="o", closable="f")
GRU_GATES = GateNames("rzn", needed="n", output="n", closable="rz")

EVALUATIONS = ("mean", "mask")

CellFactors = dict[str, Float[Tensor, "B_or_1 H"]]


class Factors(NamedTuple):
    """What inputs, and in each cell the outputs of the gates, are multiplied by: a row an example, or one for all."""

    inputs: Float[Tensor, "B_or_1 D"]
    cells: list[CellFactors]


class GateBottlenecks(nn.Module):
    """A bottleneck on `inputs` inputs, and one on each gate of `cells` cells of `hidden` units.

    In `evaluation` what is kept is multiplied by its "mean" where a dense cell can take it into its weights, or, with
    "mask", by 1, as in the paper's released code (`masked`). Raises ValueError for any other evaluation or noise.
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
        """The bottleneck on the output of a gate."""
        bottleneck = self.cells[cell].get_submodule(name)
        assert isinstance(bottleneck, Bottleneck)
        return bottleneck

    def stay_open(self, *, inputs: bool, gates: bool) -> None:
        """Take the bottlenecks of the inputs, or those of the gates, out of use."""
        if inputs:
            self.inputs.stay_open()
        if gates:
            for cell in range(len(self.cells)):
                for name in self.names.all:
                    self.gate(name, cell).stay_open()

    def sampled(self, batch: int) -> Factors:
        """z = mu + sigma * eps for every bottleneck (Eq 3), to be held over the time steps."""
        cells = [
            {name: self.gate(name, cell).sample(batch) for name in self.names.all} for cell in range(len(self.cells))
        ]
        return Factors(self.inputs.sample(batch), cells)

    def masked(self) -> Factors:
        """The hard gates: what is cut is 0; what is kept is 1, or mu where a dense cell can take mu into its weights.

        That is so for the inputs (mu scales columns of W_ih) and for the gate that scales h (mu scales columns of W_hh
        and of the next layer). The others' mu acts between two nonlinearities: it is left at 1. So are all where the
        evaluation is by the mask.
        """
        inputs = self.inputs.mask() * self.scale(self.inputs)
        return Factors(inputs[None], [self.masked_cell(cell) for cell in range(len(self.cells))])

    def masked_cell(self, cell: int) -> CellFactors:
        """The hard gates of one cell."""
        kept, scale = self.kept(cell), self.scale(self.gate(self.names.output, cell))
        factors = {name: (kept & self.gate(name, cell).mask()).to(scale) for name in self.names.all}
        factors[self.names.output] = factors[self.names.output] * scale
        return {name: factor[None] for name, factor in factors.items()}

    def scale(self, bottleneck: Bottleneck) -> Float[Tensor, " units"]:
        """The factor on the kept units of a bottleneck that a dense cell can take into its weights."""
        return bottleneck.mean if self.evaluation == "mean" else torch.ones_like(bottleneck.mean)

    def kept(self, cell: int = 0) -> Bool[Tensor, " H"]:
        """The units of a cell to keep."""
        return reduce(torch.logical_and, (self.gate(name, cell).mask() for name in self.names.needed))

    def input_kl(self) -> Float[Tensor, ""]:
        """The information bound of the inputs (Eq 12), in nats."""
        return self.inputs.kl()

    def hidden_kl(self) -> Float[Tensor, ""]:
        """The information bound of the gates, each counted once and not once a time step (Eq 15), in nats."""
        bounds = [self.gate(name, cell).kl() for cell in range(len(self.cells)) for name in self.names.all]
        return torch.stack(bounds).sum()
