"""Draw training curves: validation accuracy over the epochs of each training."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from vibhar.results.figures.style import NAIVE, STYLE, VIB

COLOURS = {"naive": NAIVE, "vib": VIB}


def draw_curves(histories: pd.DataFrame) -> Figure:
    """Draw axes per dataset, a line per run. Columns: dataset, method, run, epoch, validation_accuracy (0 to 1)."""
    datasets = sorted(histories["dataset"].unique())
    with plt.rc_context(STYLE):
        size = (3.6 * len(datasets) + 0.4, 3.2)
        figure, grid = plt.subplots(1, len(datasets), figsize=size, squeeze=False, sharey=True, layout="constrained")
        for axes, dataset in zip(grid[0], datasets, strict=True):
            here = histories[histories["dataset"] == dataset]
            for (method, _), run in here.groupby(["method", "run"]):
                axes.plot(run["epoch"] + 1, 100 * run["validation_accuracy"], color=COLOURS[method], lw=0.8, alpha=0.5)
            axes.set(xlabel="epoch", title=dataset)
        grid[0, 0].set_ylabel("validation accuracy (%)")
        handles = [plt.Line2D([], [], color=colour, label=f"{method} LSTM") for method, colour in COLOURS.items()]
        figure.legend(handles=handles, loc="outside lower center", ncols=2)
        return figure
