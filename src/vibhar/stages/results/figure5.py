"""Stage: draw Figure 5, accuracy and LSTM parameters against beta."""

from pathlib import Path

from vibhar.results.figures.figure5 import draw_figure5
from vibhar.results.figures.style import save_figure
from vibhar.results.runs import read_runs
from vibhar.stages.command import Settings, run


def make_figure5(*, metrics: list[Path], png: Path, pdf: Path, settings: Settings) -> None:
    """Draw the figure from the metrics of the sweeps on `settings["datasets"]`."""
    runs = read_runs(metrics)
    save_figure(draw_figure5({name: runs[runs["dataset"] == name] for name in settings["datasets"]}), png, pdf)


if __name__ == "__main__":
    run(make_figure5)
