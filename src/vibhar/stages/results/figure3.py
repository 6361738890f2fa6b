"""Stage: draw Figure 3, compression ratio against accuracy of the methods."""

from pathlib import Path

import pandas as pd

from vibhar.results.figures.figure3 import draw_figure3
from vibhar.results.figures.style import save_figure
from vibhar.stages.command import run


def make_figure3(*, table: Path, png: Path, pdf: Path) -> None:
    """Draw the rows of Table 2 from its CSV."""
    save_figure(draw_figure3(pd.read_csv(table)), png, pdf)


if __name__ == "__main__":
    run(make_figure3)
