"""Stage: draw Figure 1, the cell of a trained VIBLSTM."""

from pathlib import Path

from vibhar.compression.modules import VIBLSTM
from vibhar.errors import InputError
from vibhar.models.checkpoints import load_classifier
from vibhar.results.figures.figure1 import draw_figure1
from vibhar.results.figures.style import save_figure
from vibhar.stages.command import run


def make_figure1(*, gated: Path, png: Path, pdf: Path, threshold: float) -> None:
    """Draw the cell of the gated classifier in `gated`, with the units whose alpha is above `threshold`.

    Raises InputError for a GRU.
    """
    module = load_classifier(gated, threshold=threshold).recurrent
    if not isinstance(module, VIBLSTM):
        raise InputError(
            f"Figure 1 draws the cell of an LSTM, and {gated} holds a GRU. Let the first dataset of `table4` have "
            "`lstm.cell: lstm`, or leave figure1 out."
        )
    save_figure(draw_figure1(module), png, pdf)


if __name__ == "__main__":
    run(make_figure1)
