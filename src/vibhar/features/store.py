"""Data loader of the feature store: a float16 array on the disk and the index of its clips.

The array is [clip, view, crop, frame, dim]. Dimensions: N clips, V views (the deterministic sample of frames first,
then random ones), K crops of each frame (the central one first, then random ones), T frames, D features.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Float16, Int
from torch import Tensor

from vibhar.errors import InputError
from vibhar.features.fused import JoinedArray, open_features
from vibhar.files.checked_arrays import StoredArray

Batch = tuple[Float[Tensor, "B T D"], Int[Tensor, " B"]]


@dataclass(frozen=True)
class ClipSet:
    """One part of a split: the array of the whole store, the rows that belong to the part, and their labels.

    With `mix_views` each frame of a training example comes from a random view. That is right if frame t of a view is
    sampled from segment t, and wrong if a view is one stretch of consecutive frames.
    """

    features: StoredArray | JoinedArray | Float16[np.ndarray, "N V K T D"]
    rows: Int[np.ndarray, " n"]
    labels: Int[Tensor, " n"]
    mix_views: bool = True

    def __len__(self) -> int:
        return len(self.rows)

    def count_batches(self, batch_size: int) -> int:
        """Return the number of batches that `shuffled_batches` yields."""
        return -(-len(self) // batch_size)

    def ordered_batches(self, batch_size: int) -> Iterator[Batch]:
        """Yield every clip once, in order, with its first view and central crop: for validation and test."""
        for start in range(0, len(self), batch_size):
            part = slice(start, start + batch_size)
            yield torch.from_numpy(self.first_views(self.rows[part])).float(), self.labels[part]

    def first_views(self, rows: Int[np.ndarray, " B"]) -> Float16[np.ndarray, "B T D"]:
        """Return rows of the store with their first view and central crop. Raises InputError if one is damaged."""
        return self.features[rows[:, None], 0, 0, np.arange(self.features.shape[3])]

    def shuffled_batches(self, batch_size: int, generator: np.random.Generator) -> Iterator[Batch]:
        """Yield every clip once, in random order, with random views and one random crop: for one training epoch.

        Batch sizes differ by at most one clip, so that no batch is too small for batch norm.
        """
        _, views, crops, frames, _ = self.features.shape
        for chosen in np.array_split(generator.permutation(len(self)), self.count_batches(batch_size)):
            view = generator.integers(views, size=(len(chosen), frames if self.mix_views else 1))
            crop = generator.integers(crops, size=(len(chosen), 1)) if crops > 1 else 0  # the same for all frames
            x = self.features[self.rows[chosen][:, None], view, crop, np.arange(frames)]
            yield torch.from_numpy(x).float(), self.labels[chosen]


class SplitData(NamedTuple):
    """The training, validation and test part of a split, and the class names in the order of the labels."""

    training: ClipSet
    validation: ClipSet
    test: ClipSet
    classes: list[str]

    @property
    def dim(self) -> int:
        """D, the number of features of a frame."""
        return self.training.features.shape[-1]


def open_split(store: Path, clips: Path, split: str, *, strategy: str) -> SplitData:
    """Open one split of a store; `strategy` is how its frames were sampled.

    Raises InputError if the store has not its whole length, and if a part has no clip. Damage of a frame's features is
    told when they are read.
    """
    features = open_features(store)
    index = pd.read_parquet(clips, columns=["label", "status", split])
    index = index[index["status"] == "ok"]
    if len(index) != len(features):
        raise ValueError(f"{store} holds {len(features)} clips, its index {clips} has {len(index)}")
    codes, classes = pd.factorize(index["label"], sort=True)
    labels = torch.from_numpy(codes)

    def select(part: str) -> ClipSet:
        rows = np.flatnonzero(index[split] == part)
        return ClipSet(features, rows, labels[rows], mix_views=strategy != "contiguous")

    parts = {part: select(part) for part in ("train", "validation", "test")}
    for part, chosen in parts.items():
        if not len(chosen):
            raise InputError(
                f"The {part} part of {split} has no readable clip: {clips} lists {len(index)} readable ones in all. "
                "Add clips, mend the unreadable ones, or take another split under `splits`."
            )
    return SplitData(parts["train"], parts["validation"], parts["test"], list(classes))
