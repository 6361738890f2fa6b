"""Fine-tune a dense classifier after pruning, with the naive classifier as the teacher."""

from typing import Any

import pandas as pd

from vibhar.device import best_device
from vibhar.features.store import SplitData
from vibhar.models.classifier import RecurrentClassifier, parameter_groups
from vibhar.training.loop import Schedule, distillation_loss, train
from vibhar.training.resuming import Checkpoint


def finetune(
    dense: RecurrentClassifier,
    teacher: RecurrentClassifier,
    data: SplitData,
    *,
    seed: int,
    schedule: Schedule,
    distillation: dict[str, Any],
    dropout: float,
    input_dropout: float,
    checkpoint: Checkpoint | None = None,
) -> pd.DataFrame:
    """Train `dense` in place, with the labels and the predictions of `teacher` as targets. Returns the history."""
    dense.dropout.p, dense.input_dropout.p = dropout, input_dropout
    device = best_device()
    loss = distillation_loss(teacher.to(device), schedule, **distillation)
    classifier = dense.to(device)
    groups = parameter_groups(classifier)
    return train(classifier, groups, data.training, data.validation, schedule, loss, seed=seed, checkpoint=checkpoint)
