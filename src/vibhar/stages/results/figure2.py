"""Stage: draw Figure 2, accuracy per class of naive and VIB-LSTM, and the confusion matrix."""

from pathlib import Path

from vibhar.results.figures.figure2 import Compared, draw_figure2
from vibhar.results.figures.style import save_figure
from vibhar.results.runs import Runs, choose_strength, read_runs
from vibhar.stages.command import Settings, run


def make_figure2(*, metrics: list[Path], png: Path, pdf: Path, settings: Settings) -> None:
    """Draw the figure for each of `settings["datasets"]`, at the beta that validation chooses (max_accuracy_drop)."""
    runs = read_runs(metrics)
    rows = [compare(runs[runs["dataset"] == name], name, settings) for name in settings["datasets"]]
    save_figure(draw_figure2(rows), png, pdf)


def compare(runs: Runs, dataset: str, settings: Settings) -> Compared:
    """Return the naive runs, and the VIB runs at the beta that validation chooses."""
    naive, vib = runs.query("method == 'naive'"), runs.query("method == 'vib'")
    beta = choose_strength(naive, vib, "beta", settings["max_accuracy_drop"]).strength
    return Compared(f"{dataset}, beta {beta:g} chosen on validation", naive, vib[vib["beta"] == beta])


if __name__ == "__main__":
    run(make_figure2)
