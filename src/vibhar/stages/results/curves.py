"""Stage: draw the training curves of the naive LSTMs and of those with bottlenecks."""

from pathlib import Path

import pandas as pd

from vibhar.results.figures.curves import draw_curves
from vibhar.results.figures.style import save_figure
from vibhar.stages.command import run


def make_curves(*, histories: list[Path], png: Path, pdf: Path) -> None:
    """Draw the histories, with paths results/<dataset>/models/<cnn>/<split>/<method>/..."""
    save_figure(draw_curves(pd.concat([read_history(path) for path in histories])), png, pdf)


def read_history(path: Path) -> pd.DataFrame:
    """Read a history, and add the columns dataset, method and run (its path)."""
    _, dataset, _, _, _, method, *_ = path.parts
    return pd.read_csv(path).assign(dataset=dataset, method=method, run=str(path))


if __name__ == "__main__":
    run(make_curves)
