"""Draw latency against model size in each runtime, with the runtime's overhead as a dashed line."""

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vibhar.results.figures.style import ISS, MUTED, NAIVE, STYLE, VIB

COLOURS = {"torch": MUTED, "numpy": NAIVE, "onnxruntime": VIB, "onnxruntime-int8": "#e3a018", "c": ISS}


def draw_latency(points: pd.DataFrame, machine: str) -> Figure:
    """Draw a panel per batch size. Columns of `points`: bundle, runtime, batch, parameters, p50_us, p90_us."""
    batches = sorted(points["batch"].unique())
    with plt.rc_context(STYLE):
        panels = max(len(batches), 1)
        figure, grid = plt.subplots(1, panels, figsize=(4.2 * panels, 4.2), squeeze=False, layout="constrained")
        for axes, batch in zip(grid[0], batches, strict=False):
            draw_runtimes(axes, points[points["batch"] == batch])
            axes.set(xscale="log", yscale="log", title=f"{batch} clip{'s' if batch > 1 else ''} in a query")
            axes.set(xlabel="parameters of the recurrent part", ylabel="latency, median to p90 (µs)")
        figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
        figure.suptitle(f"Measured on {machine}", fontsize=8)
        return figure


def draw_runtimes(axes: Axes, points: pd.DataFrame) -> None:
    """Draw each runtime's models as a line, and its overhead (the bundle `floor`) as a dashed line."""
    for runtime, colour in COLOURS.items():
        own = points[points["runtime"] == runtime].sort_values("parameters")
        models, floor = own[own["bundle"] != "floor"], own[own["bundle"] == "floor"]
        if len(models):
            above = [models["p50_us"] * 0, models["p90_us"] - models["p50_us"]]
            style: Any = {"color": colour, "marker": "o", "ms": 5, "lw": 1.2, "capsize": 2}
            axes.errorbar(models["parameters"], models["p50_us"], above, label=runtime, **style)
        for height in floor["p50_us"]:
            axes.axhline(height, color=colour, ls="--", lw=0.8)
