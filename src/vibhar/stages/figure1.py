"""Figure 1: the cell of a trained VIBLSTM."""

from pathlib import Path

from vibhar.checkpoints import load_classifier
from vibhar.figures.figure1 import draw_figure1
from vibhar.figures.style import save_figure
from vibhar.recurrent import VIBLSTM
from vibhar.stages import run


def make_figure1(*, gated: Path, png: Path, pdf: Path, threshold: float) -> None:
    """Draw the cell of the gated classifier in `gated`, with the units whose alpha is above `threshold`."""
    module = load_classifier(gated, threshold=threshold).recurrent
    assert isinstance(module, VIBLSTM)
    save_figure(draw_figure1(module), png, pdf)


if __name__ == "__main__":
    run(make_figure1)
