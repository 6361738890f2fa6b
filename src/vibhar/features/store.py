"""Features of clips on disk: one memory-mapped float16 array [clip, view, crop, frame, dim] beside their index.

Dimensions: N clips, V views (the deterministic choice of frames first, then random ones), K crops of each frame (the
central one first, then random ones), T frames, D features.
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
from vibhar.files.arrays import load_array

Batch = tuple[Float[Tensor, "B T D"], Int[Tensor, " B"]]


@dataclass(frozen=True)
class ClipSet:
    """Some clips of a store: the whole array, the rows that belong to the set, and the label of each.

    `mix_views` lets each frame of a training draw come from another view: right where a view's frame t is any frame of
    segment t, wrong where a view is one stretch of consecutive frames.
    """

    features: Float16[np.ndarray, "N V K T D"]
    rows: Int[np.ndarray, " n"]
    labels: Int[Tensor, " n"]
    mix_views: bool = True

    def __len__(self) -> int:
        return len(self.rows)

    def count_batches(self, batch_size: int) -> int:
        """How many batches `shuffled_batches` yields."""
        return -(-len(self) // batch_size)

    def ordered_batches(self, batch_size: int) -> Iterator[Batch]:
        """Every clip once, in order, by its first view and its central crop: for validation and test."""
        for start in range(0, len(self), batch_size):
            part = slice(start, start + batch_size)
            yield torch.from_numpy(self.features[self.rows[part], 0, 0]).float(), self.labels[part]

    def shuffled_batches(self, batch_size: int, generator: np.random.Generator) -> Iterator[Batch]:
        """Every clip once, in random order, by random views and one of its crops: a fresh draw from the pool.

        The batches differ in size by one clip at most, so that none is too small for statistics over a batch.
        """
        _, views, crops, frames, _ = self.features.shape
        for chosen in np.array_split(generator.permutation(len(self)), self.count_batches(batch_size)):
            view = generator.integers(views, size=(len(chosen), frames if self.mix_views else 1))
            crop = generator.integers(crops, size=(len(chosen), 1)) if crops > 1 else 0  # of all frames alike
            x = self.features[self.rows[chosen][:, None], view, crop, np.arange(frames)]
            yield torch.from_numpy(x).float(), self.labels[chosen]


class SplitData(NamedTuple):
    """The three parts of a split, and the names of the classes by their number."""

    training: ClipSet
    validation: ClipSet
    test: ClipSet
    classes: list[str]

    @property
    def dim(self) -> int:
        """D, the features of a frame."""
        return self.training.features.shape[-1]


def open_split(store: Path, clips: Path, split: str, *, strategy: str) -> SplitData:
    """One split of a store, whose frames were sampled by `strategy`; the features are mapped, read batch by batch.

    Raises InputError where the store was damaged, and where a part has no clip.
    """
    features = load_array(store)
    index = pd.read_parquet(clips).query("status == 'ok'")
    if len(index) != len(features):
        raise ValueError(f"{store} holds {len(features)} clips, its index {clips} has {len(index)}")
    classes = sorted(index["label"].unique())
    labels = torch.tensor(index["label"].map(classes.index).tolist())

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
    return SplitData(parts["train"], parts["validation"], parts["test"], classes)
