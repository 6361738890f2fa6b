"""Stage: train a control classifier: of the pruned size, on kept or random inputs, or without LSTM."""

from pathlib import Path

import torch
from torch import nn

from vibhar.compression.pruning import NothingLeft
from vibhar.device import best_device
from vibhar.features.store import SplitData, open_split
from vibhar.files.writing import write_json
from vibhar.models.checkpoints import load_classifier
from vibhar.models.classifier import ConstantClassifier, FrameMeanClassifier, RecurrentClassifier, parameter_groups
from vibhar.models.temporal_segments import TemporalSegments
from vibhar.stages.command import Settings, run
from vibhar.training.finetuning import finetune
from vibhar.training.loop import Schedule, label_loss, train
from vibhar.training.measures import report_run
from vibhar.training.resuming import checkpoint_beside
from vibhar.workflow.provenance import work_identity


def train_control(
    *,
    store: Path,
    clips: Path,
    naive: Path,
    pruned: Path,
    metrics: Path,
    method: str,
    dataset: str,
    split: str,
    seed: int,
    settings: Settings,
) -> None:
    """Write the metrics of the control `method`: kept_inputs, random_inputs or frame_mean.

    The control has the size and inputs of `pruned`. `settings`: finetune, naive (trainings) and strategy.
    """
    data = open_split(store, clips, split, strategy=settings["strategy"])
    torch.manual_seed(seed)
    identity = {"method": method, "dataset": dataset, "split": split, "seed": seed}
    if method == "frame_mean":
        write_json(report_run(train_frame_mean(data, seed, settings), data, **identity), metrics)
        return
    teacher = load_classifier(naive)
    try:
        control = untrained(load_classifier(pruned), random_inputs=method == "random_inputs", features=data.dim)
    except NothingLeft as nothing:
        constant = ConstantClassifier.left_of(teacher)
        write_json(report_run(constant, data, **identity, nothing_left=str(nothing)), metrics)
        return
    tuning = dict(settings["finetune"])
    schedule = Schedule(**tuning.pop("training"))
    checkpoint = checkpoint_beside(metrics, work_identity)
    finetune(control, teacher, data, seed=seed, schedule=schedule, checkpoint=checkpoint, **tuning)
    write_json(report_run(control, data, **identity), metrics)
    checkpoint.discard()


def untrained(pruned: RecurrentClassifier, *, random_inputs: bool, features: int) -> RecurrentClassifier:
    """Build a classifier of the size of `pruned` with initial weights, on its inputs or as many random ones."""
    assert isinstance(pruned.recurrent, nn.LSTM | nn.GRU)
    inputs, hidden = pruned.recurrent.input_size, pruned.recurrent.hidden_size
    chosen = torch.randperm(features)[:inputs].sort().values if random_inputs else pruned.inputs
    recurrent, classes = type(pruned.recurrent)(inputs, hidden, batch_first=True), pruned.head.out_features
    norm = None if pruned.norm is None else nn.BatchNorm1d(classes)
    segments = pruned.segments and TemporalSegments(inputs, len(pruned.segments.norms), pool=pruned.segments.pool)
    head = nn.Linear(hidden, classes)
    return RecurrentClassifier(recurrent, head, norm=norm, segments=segments, readout=pruned.readout, inputs=chosen)


def train_frame_mean(data: SplitData, seed: int, settings: Settings) -> FrameMeanClassifier:
    """Train a linear classifier on the mean of the frames' features, with the schedule of the naive LSTM."""
    model = FrameMeanClassifier(data.dim, len(data.classes)).to(best_device())
    schedule = Schedule(**settings["naive"])
    train(model, parameter_groups(model), data.training, data.validation, schedule, label_loss(schedule), seed=seed)
    return model


if __name__ == "__main__":
    run(train_control)
