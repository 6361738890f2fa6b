"""Draw the Pareto front: LSTM parameters against test accuracy of every method and setting."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vibhar.results.figures.style import ISS, MUTED, NAIVE, STYLE, VIB

LOOKS = {  # method: label, colour, marker, line
    "naive": ("naive LSTM", NAIVE, "s", "none"),
    "small": ("naive LSTM, small from the start", NAIVE, "o", "-"),
    "vib": ("VIB, over beta", VIB, "o", "-"),
    "vib_target": ("VIB, to a target", VIB, "*", "none"),
    "iss": ("ISS", ISS, "o", "-"),
    "vib_iss": ("VIB+ISS", ISS, "^", "none"),
}


def draw_pareto(points: pd.DataFrame) -> Figure:
    """Draw one panel per dataset; `points` come from `vibhar.results.pareto.collect_points`."""
    datasets = list(points["dataset"].unique())
    with plt.rc_context(STYLE):
        size = (5.0 * len(datasets) + 0.4, 4.2)
        figure, grid = plt.subplots(1, len(datasets), figsize=size, squeeze=False, layout="constrained")
        for axes, dataset in zip(grid[0], datasets, strict=True):
            draw_front(axes, points[(points["dataset"] == dataset) & (points["lstm_params"] > 0)])
            axes.set(xscale="log", xlabel="LSTM parameters", ylabel="test accuracy (%)", title=dataset)
        figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
        return figure


def draw_front(axes: Axes, points: pd.DataFrame) -> None:
    """Draw each method's points, and the Pareto front as a step line."""
    front = points[points["on_front"]].sort_values("lstm_params")
    axes.step(front["lstm_params"], front["accuracy_mean"], where="post", color=MUTED, lw=5, alpha=0.3, label="front")
    for method, (label, colour, marker, line) in LOOKS.items():
        own = points[points["method"] == method].sort_values("lstm_params")
        x, y, spread = own["lstm_params"], own["accuracy_mean"], own["accuracy_sd"].fillna(0)
        size = 9 if marker == "*" else 5
        axes.errorbar(x, y, spread, color=colour, marker=marker, ms=size, ls=line, lw=1.2, capsize=2, label=label)
