"""Draw Figure 4: LSTMs compressed by the bottleneck, against LSTMs trained small from the start."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vibhar.results.figures.style import NAIVE, STYLE, VIB
from vibhar.results.runs import Runs, mean_and_deviation


def draw_figure4(runs: dict[str, Runs]) -> Figure:
    """Draw accuracy against LSTM parameters, one panel per dataset."""
    with plt.rc_context(STYLE):
        figure, grid = plt.subplots(
            1, len(runs), figsize=(4.6 * len(runs) + 0.6, 3.6), squeeze=False, layout="constrained"
        )
        for axes, (dataset, here) in zip(grid[0], runs.items(), strict=True):
            draw_curve(axes, here.query("method == 'vib'"), "beta", VIB, "VIB-LSTM, over beta")
            small = here.query("method in ('small', 'naive')")
            draw_curve(axes, small, "hidden", NAIVE, "naive LSTM, over its hidden units")
            axes.set(xscale="log", xlabel="LSTM parameters", ylabel="test accuracy (%)", title=dataset)
        figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
        return figure


def draw_curve(axes: Axes, runs: Runs, over: str, colour: str, label: str) -> None:
    """Draw mean size and accuracy at each value of `over`; values at which nothing was left are not drawn."""
    groups = [group for _, group in runs.groupby(over) if group["lstm_parameters"].mean() > 0]
    sizes = np.array([group["lstm_parameters"].mean() for group in groups])
    mean, deviation = np.array([mean_and_deviation(group, "test_accuracy") for group in groups]).T
    axes.errorbar(
        sizes, 100 * mean, 100 * np.nan_to_num(deviation), fmt="o-", color=colour, label=label, capsize=2, ms=4, lw=1.4
    )
