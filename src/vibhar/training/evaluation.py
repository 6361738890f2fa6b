"""Evaluate a classifier: accuracy, accuracy per class, confusion matrix."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int

from vibhar.errors import InputError
from vibhar.features.store import ClipSet
from vibhar.models.classifier import Classifier


class Evaluation(NamedTuple):
    """The confusion matrix of one part of a split: counts [true class, predicted class]."""

    confusion: Int[np.ndarray, "C C"]

    @property
    def accuracy(self) -> float:
        """The share of correctly classified clips, in [0, 1]."""
        return float(np.trace(self.confusion) / self.confusion.sum())

    @property
    def class_accuracy(self) -> Float[np.ndarray, " C"]:
        """The accuracy of each class, in [0, 1]; nan for a class without clips."""
        with np.errstate(invalid="ignore"):
            return np.diag(self.confusion) / self.confusion.sum(axis=1)


@torch.inference_mode()
def evaluate(model: Classifier, clips: ClipSet, batch_size: int = 256) -> Evaluation:
    """Classify every clip once, with its deterministic view. Raises InputError if there are no clips."""
    if not len(clips):
        raise InputError(
            "There is no clip to evaluate on: the validation or the test part of the split is empty. Add clips, take "
            "another split, or make the unreadable ones readable."
        )
    model.train(False)
    device = next(model.parameters()).device
    confusion = None
    for x, y in clips.ordered_batches(batch_size):
        logits = model(x.to(device))
        confusion = np.zeros((logits.shape[1],) * 2, np.int64) if confusion is None else confusion
        np.add.at(confusion, (y.numpy(), logits.argmax(dim=1).cpu().numpy()), 1)
    assert confusion is not None  # there was a clip
    return Evaluation(confusion)
