"""Stage: draw Figure 4, compressed LSTMs against LSTMs trained small from the start."""

from pathlib import Path

from vibhar.results.figures.figure4 import draw_figure4
from vibhar.results.figures.style import save_figure
from vibhar.results.runs import read_runs
from vibhar.stages.command import Settings, run


def make_figure4(*, metrics: list[Path], png: Path, pdf: Path, settings: Settings) -> None:
    """Draw the figure from the sweeps over beta and over hidden units on `settings["datasets"]`."""
    runs = read_runs(metrics)
    save_figure(draw_figure4({name: runs[runs["dataset"] == name] for name in settings["datasets"]}), png, pdf)


if __name__ == "__main__":
    run(make_figure4)
