"""Draw Figure 2: accuracy per class of naive and VIB-LSTM, and the confusion matrix of VIB-LSTM."""

from collections.abc import Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vibhar.results.figures.labels import as_label, fonts_of
from vibhar.results.figures.style import NAIVE, STYLE, VIB
from vibhar.results.runs import Runs

LONGEST_CLASS = 22  # letters; longer names would leave no room for the bars and the matrix


class Compared(NamedTuple):
    """The runs of both methods on one dataset, and the title of their row."""

    title: str
    naive: Runs
    vib: Runs


def draw_figure2(datasets: Sequence[Compared]) -> Figure:
    """Draw accuracy per class and VIB-LSTM's confusion matrix, over all splits and seeds; one row per dataset."""
    most = max(len(each.naive["classes"].iloc[0]) for each in datasets)
    size = (9.5, max(3.6, 0.3 * most + 1) * len(datasets))
    names = [name for each in datasets for name in each.naive["classes"].iloc[0]]
    with plt.rc_context(STYLE | fonts_of(names)):
        figure, grid = plt.subplots(len(datasets), 2, figsize=size, squeeze=False, layout="constrained")
        for (bars, matrix), (title, naive, vib) in zip(grid, datasets, strict=True):
            classes = [as_label(name, LONGEST_CLASS) for name in naive["classes"].iloc[0]]
            draw_bars(bars, classes, confusion(naive), confusion(vib))
            draw_confusion(matrix, classes, confusion(vib))
            bars.set_title(title, pad=24)
        return figure


def confusion(runs: Runs) -> Float[np.ndarray, "C C"]:
    """Return the confusion matrix over all runs, as shares (0 to 1) of each true class (rows)."""
    counts = np.sum([np.array(matrix) for matrix in runs["test_confusion"]], axis=0)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def draw_bars(axes: Axes, classes: list[str], naive: Float[np.ndarray, "C C"], vib: Float[np.ndarray, "C C"]) -> None:
    """Draw two bars per class; the class with the largest gain is on top."""
    gain = np.diagonal(vib) - np.diagonal(naive)
    order = np.argsort(gain, kind="stable")
    rows = np.arange(len(classes))
    axes.barh(rows - 0.2, 100 * np.diagonal(naive)[order], height=0.38, color=NAIVE, label="Naive-LSTM")
    axes.barh(rows + 0.2, 100 * np.diagonal(vib)[order], height=0.38, color=VIB, label="VIB-LSTM")
    axes.set_yticks(rows, [classes[row] for row in order])
    axes.set(xlabel="test accuracy (%)", xlim=(0, 100))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)


def draw_confusion(axes: Axes, classes: list[str], shares: Float[np.ndarray, "C C"]) -> None:
    """Draw the confusion matrix of the VIB-LSTM, with numbers if there are at most 12 classes."""
    axes.imshow(100 * shares, cmap="Oranges", vmin=0, vmax=100)
    axes.set_xticks(range(len(classes)), classes, rotation=60, ha="right")
    axes.set_yticks(range(len(classes)), classes)
    axes.set(xlabel="taken for", title="VIB-LSTM: share of each class (%)")
    if len(classes) <= 12:
        for (row, column), share in np.ndenumerate(shares):
            shade = "white" if share > 0.6 else "black"
            axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color=shade, fontsize=7)
