"""Figure 5: accuracy and LSTM parameters against beta."""

from pathlib import Path

from vibhar.figures import draw_figure5
from vibhar.files import complete
from vibhar.results import read_runs
from vibhar.stages import Settings, run


def make_figure5(*, metrics: list[Path], png: Path, pdf: Path, settings: Settings) -> None:
    """Draw the figure from the metrics of the sweeps on `settings["datasets"]`."""
    runs = read_runs(metrics)
    figure = draw_figure5({name: runs[runs["dataset"] == name] for name in settings["datasets"]})
    for path in (png, pdf):
        with complete(path) as temporary:
            # No time stamp: the same runs give the same bytes.
            metadata = {"CreationDate": None} if path.suffix == ".pdf" else {}
            figure.savefig(temporary, format=path.suffix[1:], dpi=200, metadata=metadata)


if __name__ == "__main__":
    run(make_figure5)
