"""Draw Figure 3: compression ratio against test accuracy of the methods in Table 2."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vibhar.results.figures.style import ISS, MUTED, NAIVE, STYLE, VIB

MARKS = {
    "Naive-LSTM": (NAIVE, "o"),
    "TT-LSTM": (MUTED, "<"),
    "BT-LSTM": (MUTED, ">"),
    "TR-LSTM": (MUTED, "D"),
    "HT-LSTM": (MUTED, "^"),
    "ISS-LSTM": (ISS, "s"),
    "VIB-LSTM": (VIB, "o"),
    "VIB+ISS-LSTM": (VIB, "s"),
}


def draw_figure3(table: pd.DataFrame) -> Figure:
    """Draw one point per row of Table 2 with its standard deviation over seeds, in one panel per dataset."""
    datasets = list(table["dataset"].unique())
    with plt.rc_context(STYLE):
        figure, grid = plt.subplots(
            1, len(datasets), figsize=(max(4.4 * len(datasets), 6.6), 3.6), squeeze=False, layout="constrained"
        )
        for axes, dataset in zip(grid[0], datasets, strict=True):
            draw_methods(axes, table[table["dataset"] == dataset])
            axes.set_title(dataset)
        figure.legend(*grid[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
        return figure


def draw_methods(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw accuracy against compression ratio (log scale); methods on another CNN have hollow marks."""
    for row in rows.to_dict("records"):
        colour, marker = MARKS.get(row["method"], (VIB, "o"))
        deviation = 0.0 if pd.isna(row["accuracy_sd"]) else float(row["accuracy_sd"])
        axes.errorbar(
            float(row["compression_ratio"]),
            float(row["accuracy_mean"]),
            deviation,
            fmt=marker,
            ms=5,
            mfc=colour if row["method"] in MARKS else "white",
            capsize=2,
            color=colour,
            label=row["method"],
        )
    axes.set(xscale="log", xlabel="times fewer LSTM parameters", ylabel="test accuracy (%)")
    axes.margins(x=0.1, y=0.1)
