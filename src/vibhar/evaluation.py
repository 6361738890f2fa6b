"""What a trained classifier gets right: accuracy, accuracy of each class, confusion."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Int
from torch import nn

from vibhar.feature_store import ClipSet


class Evaluation(NamedTuple):
    """Of one part of a split: counts [C, C] of (true class, predicted class)."""

    confusion: Int[np.ndarray, "C C"]

    @property
    def clips(self) -> int:
        """How many clips were classified."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """The share of clips that were classified right, in [0, 1]."""
        return float(np.trace(self.confusion) / max(self.clips, 1))


@torch.inference_mode()
def evaluate(model: nn.Module, clips: ClipSet, classes: int, batch_size: int = 256) -> Evaluation:
    """Classify every clip once, by its deterministic view."""
    model.eval()
    device = next(model.parameters()).device
    confusion = np.zeros((classes, classes), dtype=np.int64)
    for x, y in clips.ordered_batches(batch_size):
        predicted = model(x.to(device)).argmax(dim=1).cpu()
        np.add.at(confusion, (y.numpy(), predicted.numpy()), 1)
    return Evaluation(confusion)
