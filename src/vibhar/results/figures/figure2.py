"""Figure 2: accuracy of each class, naive against VIB, and where the compressed LSTM errs."""

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


class Compared(NamedTuple):
    """The runs of both methods on one dataset, and what to call them."""

    title: str
    naive: Runs
    vib: Runs


def draw_figure2(datasets: Sequence[Compared]) -> Figure:
    """Bars of the accuracy per class, and the confusion of the VIB-LSTM, over all splits and seeds; a row a dataset."""
    most = max(len(each.naive["classes"].iloc[0]) for each in datasets)
    size = (9.5, max(3.6, 0.3 * most + 1) * len(datasets))
    names = [name for each in datasets for name in each.naive["classes"].iloc[0]]
    with plt.rc_context(STYLE | fonts_of(names)):
        figure, grid = plt.subplots(len(datasets), 2, figsize=size, squeeze=False, layout="constrained")
        for (bars, matrix), (title, naive, vib) in zip(grid, datasets, strict=True):
            classes = [as_label(name) for name in naive["classes"].iloc[0]]
            draw_bars(bars, classes, confusion(naive), confusion(vib))
            draw_confusion(matrix, classes, confusion(vib))
            bars.set_title(title, pad=24)
        return figure


def confusion(runs: Runs) -> Float[np.ndarray, "C C"]:
    """The share of each true class (rows) that is taken for each class (columns)."""
    counts = np.sum([np.array(matrix) for matrix in runs["test_confusion"]], axis=0)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def draw_bars(axes: Axes, classes: list[str], naive: Float[np.ndarray, "C C"], vib: Float[np.ndarray, "C C"]) -> None:
    """Two bars a class, the one with the largest gain on top."""
    gain = np.diagonal(vib) - np.diagonal(naive)
    order = np.argsort(gain, kind="stable")
    rows = np.arange(len(classes))
    axes.barh(rows - 0.2, 100 * np.diagonal(naive)[order], height=0.38, color=NAIVE, label="Naive-LSTM")
    axes.barh(rows + 0.2, 100 * np.diagonal(vib)[order], height=0.38, color=VIB, label="VIB-LSTM")
    axes.set_yticks(rows, [classes[row] for row in order])
    axes.set(xlabel="test accuracy (%)", xlim=(0, 100))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)


def draw_confusion(axes: Axes, classes: list[str], shares: Float[np.ndarray, "C C"]) -> None:
    """The confusion matrix of the VIB-LSTM, with its numbers where there is room for them."""
    axes.imshow(100 * shares, cmap="Oranges", vmin=0, vmax=100)
    axes.set_xticks(range(len(classes)), classes, rotation=60, ha="right")
    axes.set_yticks(range(len(classes)), classes)
    axes.set(xlabel="taken for", title="VIB-LSTM: share of each class (%)")
    if len(classes) <= 12:
        for (row, column), share in np.ndenumerate(shares):
            shade = "white" if share > 0.6 else "black"
            axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color=shade, fontsize=7)
