"""Figure 3: compression against accuracy of the methods of Table 2."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vibhar.figures.style import ISS, MUTED, NAIVE, STYLE, VIB

COLOURS = {"Naive-LSTM": NAIVE, "VIB-LSTM": VIB, "ISS-LSTM": ISS}


def draw_figure3(table: pd.DataFrame) -> Figure:
    """A point a row of Table 2 with its deviation over seeds, a column of axes a dataset."""
    datasets = list(table["dataset"].unique())
    with plt.rc_context(STYLE):
        figure, grid = plt.subplots(
            1, len(datasets), figsize=(4.4 * len(datasets) + 0.4, 3.4), squeeze=False, layout="constrained"
        )
        for axes, dataset in zip(grid[0], datasets, strict=True):
            draw_methods(axes, table[table["dataset"] == dataset])
            axes.set_title(dataset)
        return figure


def draw_methods(axes: Axes, rows: pd.DataFrame) -> None:
    """Accuracy against the compression ratio of the LSTM, on a log scale, each point with its method's name."""
    for row in rows.to_dict("records"):
        ratio, accuracy = float(row["compression_ratio"]), float(row["accuracy_mean"])
        deviation = 0.0 if pd.isna(row["accuracy_sd"]) else float(row["accuracy_sd"])
        axes.errorbar(ratio, accuracy, deviation, fmt="o", ms=5, capsize=2, color=COLOURS.get(row["method"], MUTED))
        axes.annotate(row["method"], (ratio, accuracy), (6, 5), textcoords="offset points", fontsize=8)
    axes.set(xscale="log", xlabel="times fewer LSTM parameters", ylabel="test accuracy (%)")
    axes.margins(x=0.25, y=0.2)
