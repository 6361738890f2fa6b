"""Stage: write the Pareto front over methods and settings as a table and a figure."""

from pathlib import Path

from vibhar.files.writing import complete
from vibhar.results.figures.pareto import draw_pareto
from vibhar.results.figures.style import save_figure
from vibhar.results.pareto import collect_points
from vibhar.results.runs import read_runs
from vibhar.stages.command import run


def make_pareto(*, metrics: list[Path], csv: Path, png: Path, pdf: Path) -> None:
    """Write the points of the metrics as CSV, and draw them."""
    points = collect_points(read_runs(metrics))
    with complete(csv) as temporary:
        points.to_csv(temporary, index=False, float_format="%.6g")
    save_figure(draw_pareto(points), png, pdf)


if __name__ == "__main__":
    run(make_pareto)
