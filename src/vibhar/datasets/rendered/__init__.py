"""Small stand-ins for the real sets: videos of drawn figures in the folders, names and lists of UCF11, HMDB51 and UCF101."""

from vibhar.datasets.rendered.dataset import render_dataset

__all__ = ["render_dataset"]
