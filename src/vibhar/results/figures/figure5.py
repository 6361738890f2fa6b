"""Draw Figure 5: test accuracy and LSTM parameters against beta."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vibhar.results.figures.style import MUTED, NAIVE, STYLE, VIB
from vibhar.results.runs import Runs, mean_and_deviation


def draw_figure5(runs: dict[str, Runs]) -> Figure:
    """Draw accuracy and LSTM parameters against beta, one column per dataset (Figure 5 of the paper)."""
    with plt.rc_context(STYLE):
        figure, grid = plt.subplots(
            2, len(runs), figsize=(4.6 * len(runs) + 0.6, 5.6), sharex="col", squeeze=False, layout="constrained"
        )
        for (accuracy_axes, size_axes), (dataset, here) in zip(grid.T, runs.items(), strict=True):
            naive, vib = here.query("method == 'naive'"), here.query("method == 'vib'")
            draw_accuracy(accuracy_axes, naive, vib)
            draw_sizes(size_axes, naive, vib)
            accuracy_axes.set_title(dataset)
        figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
        return figure


def sweep(vib: Runs, column: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the betas in order, and the mean and standard deviation of `column` at each of them."""
    groups = list(vib.groupby("beta"))
    values = np.array([mean_and_deviation(group, column) for _, group in groups])
    return np.array([beta for beta, _ in groups]), values[:, 0], np.nan_to_num(values[:, 1])


def draw_accuracy(axes: Axes, naive: Runs, vib: Runs) -> None:
    """Draw test accuracy in percent before and after fine-tuning, with the naive LSTM's and chance level."""
    for column, label, line, shift in (
        ("before_finetuning.test_accuracy", "VIB-LSTM, pruned", "o:", -0.01),  # beside each other, not on each other
        ("test_accuracy", "VIB-LSTM, fine-tuned", "o-", 0.01),
    ):
        betas, mean, deviation = sweep(vib, column)
        axes.errorbar(
            betas * (1 + shift), 100 * mean, 100 * deviation, fmt=line, label=label, color=VIB, capsize=2, lw=1.4, ms=4
        )
    level, spread = mean_and_deviation(naive, "test_accuracy")
    axes.axhline(100 * level, color=NAIVE, lw=1.4, label="Naive-LSTM")
    if not np.isnan(spread):
        axes.axhspan(100 * (level - spread), 100 * (level + spread), color=NAIVE, alpha=0.12, lw=0)
    axes.axhline(100 / len(naive["classes"].iloc[0]), color=MUTED, lw=1, ls="--", label="chance")
    axes.set(ylabel="test accuracy (%)", ylim=(0, 102))


def draw_sizes(axes: Axes, naive: Runs, vib: Runs) -> None:
    """Draw LSTM parameters on a log scale; a beta at which nothing was left is marked on the axis."""
    betas, mean, deviation = sweep(vib, "lstm_parameters")
    left = mean > 0
    lower = np.minimum(deviation, 0.9 * mean)  # a log axis has no room for a bar that reaches 0
    axes.errorbar(
        betas[left], mean[left], (lower[left], deviation[left]), color=VIB, marker="o", ms=4, lw=1.4, capsize=2
    )
    uncompressed = naive["lstm_parameters"].mean()
    axes.axhline(uncompressed, color=NAIVE, lw=1.4)
    for beta, size, above in zip(betas[left], mean[left], deviation[left], strict=True):
        axes.annotate(
            f"÷{uncompressed / size:,.0f}", (beta, size + above), (0, 4), textcoords="offset points", ha="center"
        )
    axes.set(xscale="log", yscale="log", xlabel="beta", ylabel="LSTM parameters")
    axes.set_ylim(top=uncompressed * 3)
    axes.set_xticks(betas, [f"{beta:g}" for beta in betas])
    axes.set_xticks([], minor=True)
    for beta in betas[~left]:
        axes.annotate(
            "nothing left", (beta, 0.02), xycoords=("data", "axes fraction"), rotation=90, ha="center", color=VIB
        )
