"""Stage: draw the figure of section 5.5: latency against parameters, one line per runtime."""

import json
from pathlib import Path

from vibhar.edge.summary import describe_measurement, summarise_samples
from vibhar.results.figures.latency import draw_latency
from vibhar.results.figures.style import save_figure
from vibhar.stages.command import run


def make_figure_pi(*, bundles: list[Path], latency: Path, png: Path, pdf: Path) -> None:
    """Draw the median latencies of all bundles."""
    measured = json.loads(latency.read_text("utf-8"))
    sizes = {bundle.name: json.loads((bundle / "bundle.json").read_text("utf-8"))["parameters"] for bundle in bundles}
    points = summarise_samples(measured.get("samples", []))
    points["parameters"] = points["bundle"].map(sizes)
    save_figure(draw_latency(points, describe_measurement(measured)), png, pdf)


if __name__ == "__main__":
    run(make_figure_pi)
