"""Render small stand-ins for UCF11, HMDB51 and UCF101: videos of drawn figures in the same folder layout."""

from vibhar.datasets.rendered.dataset import render_dataset

__all__ = ["render_dataset"]
