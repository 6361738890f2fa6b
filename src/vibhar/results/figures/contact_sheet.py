"""Draw a contact sheet of optical flow: one row per clip with frame, u, v and colour-coded flow.

Dimensions: H rows, W columns.
"""

from collections.abc import Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.figure import Figure
from torch import Tensor

from vibhar.results.figures.labels import as_label, fonts_of
from vibhar.results.figures.style import STYLE
from vibhar.videos.flow import color_wheel

TITLES = ("frame", "u (right is bright)", "v (down is bright)", "direction and speed")
PANEL = 1.9  # inches, the width of a picture


class Sample(NamedTuple):
    """A clip's name, one of its frames, and the flow to the next frame, in pixels."""

    clip: str
    frame: UInt8[np.ndarray, "H W 3"]
    flow: Float[Tensor, "2 H W"]


def draw_contact_sheet(samples: Sequence[Sample]) -> Figure:
    """A row a clip; its colours reach from none to the fastest motion in it."""
    with plt.rc_context(STYLE | fonts_of(sample.clip for sample in samples)):
        figure, grid = plt.subplots(
            len(samples), 4, figsize=(4 * PANEL, 0.9 * PANEL * len(samples)), squeeze=False, layout="constrained"
        )
        for row, sample in zip(grid, samples, strict=True):
            fastest = max(sample.flow.norm(dim=0).max().item(), 1e-3)
            u, v = sample.flow.numpy()
            row[0].imshow(sample.frame)
            row[1].imshow(u, cmap="gray", vmin=-fastest, vmax=fastest)
            row[2].imshow(v, cmap="gray", vmin=-fastest, vmax=fastest)
            row[3].imshow(color_wheel(sample.flow, fastest))
            row[0].set_title(as_label(sample.clip), fontsize=6)
            row[3].set_title(f"up to {fastest:.1f} px", fontsize=6)
            for axes in row:
                axes.axis("off")
        figure.suptitle("   |   ".join(TITLES), fontsize=8)
        return figure
