"""Stage: train with a group lasso on hidden units (ISS), prune by group norms, and fine-tune."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from vibhar.compression.pruning import NothingLeft
from vibhar.device import best_device
from vibhar.features.store import SplitData, open_split
from vibhar.files.writing import write_json
from vibhar.models.checkpoints import load_classifier, save_classifier
from vibhar.models.classifier import ConstantClassifier, RecurrentClassifier, parameter_groups
from vibhar.models.group_lasso import GroupLassoClassifier, prune_lasso
from vibhar.stages.command import Settings, run
from vibhar.training.finetuning import finetune
from vibhar.training.loop import Schedule, distillation_loss, train
from vibhar.training.measures import report_run
from vibhar.training.resuming import Checkpoint, checkpoint_beside
from vibhar.workflow.provenance import work_identity


def train_iss(
    *,
    store: Path,
    clips: Path,
    naive: Path,
    start: Path,
    model: Path,
    history: Path,
    metrics: Path,
    method: str,
    dataset: str,
    split: str,
    seed: int,
    value: float,
    settings: Settings,
) -> None:
    """Write the pruned and fine-tuned classifier, its history and its metrics.

    `start` is the classifier to prune: the naive one, or what the bottlenecks have left of it. `value` is the strength
    of the group lasso.
    `settings`: threshold, distillation, training, finetune, strategy.
    """
    data = open_split(store, clips, split, strategy=settings["strategy"])
    teacher, message = load_classifier(naive), None
    checkpoints = [checkpoint_beside(model, work_identity, part) for part in ("lasso", "finetuning")]
    dense: RecurrentClassifier | ConstantClassifier
    try:
        dense, rows = shrink(load_classifier(start), teacher, data, value, seed, settings, checkpoints)
    except NothingLeft as nothing:
        print(nothing)
        dense, rows, message = ConstantClassifier.left_of(teacher), pd.DataFrame({"epoch": []}), str(nothing)
    rows.to_csv(history, index=False)
    save_classifier(dense, model)
    identity = {"method": method, "dataset": dataset, "split": split, "seed": seed, "strength": value}
    write_json(report_run(dense, data, **identity, nothing_left=message), metrics)
    for checkpoint in checkpoints:
        checkpoint.discard()


def shrink(
    first: RecurrentClassifier,
    teacher: RecurrentClassifier,
    data: SplitData,
    strength: float,
    seed: int,
    settings: Settings,
    checkpoints: Sequence[Checkpoint],
) -> tuple[RecurrentClassifier, pd.DataFrame]:
    """Train, prune and fine-tune; return the classifier and both histories. Raises NothingLeft if no unit is kept."""
    lasso = GroupLassoClassifier(first, strength).to(best_device())
    schedule = Schedule(**settings["training"])
    loss = distillation_loss(teacher.to(best_device()), schedule, **settings["distillation"])
    groups = parameter_groups(lasso)
    parts = data.training, data.validation
    regularised = train(lasso, groups, *parts, schedule, loss, seed=seed, checkpoint=checkpoints[0])
    dense = prune_lasso(lasso, settings["threshold"])
    tuning = dict(settings["finetune"])
    after = Schedule(**tuning.pop("training"))
    finetuned = finetune(dense, teacher, data, seed=seed, schedule=after, checkpoint=checkpoints[1], **tuning)
    return dense, pd.concat([regularised.assign(part="lasso"), finetuned.assign(part="finetuning")])


if __name__ == "__main__":
    run(train_iss)
