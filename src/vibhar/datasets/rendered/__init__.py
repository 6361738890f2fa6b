"""Small stand-ins for the real sets: videos of drawn figures, laid out as UCF11, HMDB51 and UCF101 are."""

from vibhar.datasets.rendered.dataset import render_dataset

__all__ = ["render_dataset"]
