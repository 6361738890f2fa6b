"""Features of clips on disk: one memory-mapped float16 array [clip, view, frame, dim] beside the index of its clips.

Dimensions: N clips, V views (the deterministic choice of frames first, then random ones), T frames, D features.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Float16, Int
from torch import Tensor

Batch = tuple[Float[Tensor, "B T D"], Int[Tensor, " B"]]


class ClipSet(NamedTuple):
    """Some clips of a store: the whole array, the rows that belong to the set, and a label for each of those rows."""

    features: Float16[np.ndarray, "N V T D"]
    rows: Int[np.ndarray, " n"]
    labels: Int[Tensor, " n"]

    def ordered_batches(self, batch_size: int) -> Iterator[Batch]:
        """Every clip once, in order, by its first view: for validation and test."""
        for start in range(0, len(self.rows), batch_size):
            rows = self.rows[start : start + batch_size]
            yield torch.from_numpy(self.features[rows, 0]).float(), self.labels[start : start + batch_size]

    def shuffled_batches(self, batch_size: int, generator: np.random.Generator) -> Iterator[Batch]:
        """Every clip once, in random order, each frame from a random view: a fresh draw from the pool of frames."""
        _, views, frames, _ = self.features.shape
        order = generator.permutation(len(self.rows))
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            view = generator.integers(views, size=(len(chosen), frames))
            x = self.features[self.rows[chosen][:, None], view, np.arange(frames)]
            yield torch.from_numpy(x).float(), self.labels[chosen]


def open_store(array: Path, index: Path) -> tuple[Float16[np.ndarray, "N V T D"], pd.DataFrame]:
    """The features, mapped and not read, and the table of their clips in the same order."""
    return np.load(array, mmap_mode="r"), pd.read_parquet(index)


def select(features: np.ndarray, clips: pd.DataFrame, split: str, part: str, classes: list[str]) -> ClipSet:
    """The clips of one part ("train", "validation", "test") of a split."""
    rows = np.flatnonzero(clips[split] == part)
    labels = torch.tensor([classes.index(label) for label in clips["label"].iloc[rows]])
    return ClipSet(features, rows, labels)
