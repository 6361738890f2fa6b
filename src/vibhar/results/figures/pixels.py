"""Draw the pixels that the end-to-end VIB-LSTM keeps, beside the mean training frame."""

from collections.abc import Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vibhar.results.figures.style import STYLE

CHANNELS = ("red", "green", "blue")
DIMMED = 0.35  # of the mean frame's brightness, behind the pixels that are kept
PANEL = 1.9  # inches, the width of a picture


class KeptPixels(NamedTuple):
    """A run's name, the mean of its training frames (0 to 1), and the inputs that its pruned LSTM keeps."""

    name: str
    mean_frame: Float[np.ndarray, "H W 3"]
    kept: Bool[np.ndarray, "H W 3"]


def draw_pixels(rows: Sequence[KeptPixels]) -> Figure:
    """Draw one row per run: the mean frame, the kept pixels on top of it, and those of each channel."""
    height, width, _ = rows[0].kept.shape
    size = (5 * PANEL, len(rows) * (PANEL * height / width + 0.75))
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=size, layout="constrained")
        strips = np.asarray(figure.subfigures(len(rows), squeeze=False))[:, 0]
        for strip, row in zip(strips, rows, strict=True):
            strip.suptitle(f"{row.name}: {row.kept.size:,} inputs, {row.kept.sum():,} kept", fontsize=10)
            draw_row(list(strip.subplots(1, 5)), row)
        return figure


def draw_row(grid: list[Axes], row: KeptPixels) -> None:
    """Draw the five pictures of a run."""
    darkest, lightest = row.mean_frame.min(), row.mean_frame.max()
    stretched = (row.mean_frame - darkest) / max(lightest - darkest, 1e-6)  # a mean over scenes is nearly flat
    show(grid[0], stretched, "mean training frame, stretched")
    grey = DIMMED * np.broadcast_to(stretched.mean(axis=2, keepdims=True), row.kept.shape)
    show(grid[1], np.where(row.kept.any(axis=2, keepdims=True), row.kept, grey), "kept")
    for channel, name in enumerate(CHANNELS):
        alone = row.kept & (np.arange(len(CHANNELS)) == channel)
        show(grid[2 + channel], alone.astype(float), f"{name}: {alone.sum():,}")


def show(axes: Axes, image: Float[np.ndarray, "H W 3"], title: str) -> None:
    """Show a picture without axes and without interpolation."""
    axes.imshow(image, interpolation="nearest")
    axes.set_title(title, fontsize=8)
    axes.axis("off")
