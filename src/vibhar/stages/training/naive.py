"""Stage: train an LSTM classifier without pruning: naive, small from the start, or tensorised."""

from pathlib import Path

import torch
from torch import nn

from vibhar.device import best_device
from vibhar.errors import InputError
from vibhar.features.store import SplitData, open_split
from vibhar.files.writing import write_json
from vibhar.models.checkpoints import save_classifier
from vibhar.models.classifier import RecurrentClassifier, parameter_groups
from vibhar.models.temporal_segments import TemporalSegments
from vibhar.models.tensor_presets import KINDS, build_map
from vibhar.models.tensorized_lstm import TensorizedLSTM
from vibhar.stages.command import Settings, run
from vibhar.training.loop import Schedule, label_loss, train
from vibhar.training.measures import report_run
from vibhar.training.resuming import checkpoint_beside
from vibhar.workflow.provenance import work_identity


def train_naive(
    *,
    store: Path,
    clips: Path,
    model: Path,
    history: Path,
    metrics: Path,
    method: str,
    dataset: str,
    split: str,
    seed: int,
    settings: Settings,
) -> None:
    """Write the trained classifier, its history and its metrics.

    `method` is naive, small, ts_naive or ts_lstm, which differ in their `settings`, or the kind of the tensorised input
    map. Raises InputError if the LSTM's sizes do not allow that map. `settings`: lstm, training, sampling strategy,
    and segments (how many, pooled or not) or None.
    """
    data = open_split(store, clips, split, strategy=settings["strategy"])
    schedule = Schedule(**settings["training"])
    classifier = build_classifier(data, settings["lstm"], method, seed, settings["segments"]).to(best_device())
    checkpoint = checkpoint_beside(model, work_identity)
    rows = train(
        classifier,
        parameter_groups(classifier),
        data.training,
        data.validation,
        schedule,
        label_loss(schedule),
        seed=seed,
        checkpoint=checkpoint,
    )
    rows.to_csv(history, index=False)
    save_classifier(classifier, model)
    write_json(report_run(classifier, data, method=method, dataset=dataset, split=split, seed=seed), metrics)
    checkpoint.discard()


def build_classifier(
    data: SplitData, lstm: Settings, method: str, seed: int, segments: Settings | None = None
) -> RecurrentClassifier:
    """Build a classifier of the configured cell and size, dense or tensorised; `seed` draws the initial weights."""
    torch.manual_seed(seed)
    classes = len(data.classes)
    return RecurrentClassifier(
        build_recurrent(data.dim, lstm["hidden"], lstm["cell"], method),
        nn.Linear(lstm["hidden"], classes),
        norm=nn.BatchNorm1d(classes) if lstm["head"] == "batch_norm" else None,
        segments=TemporalSegments(data.dim, **segments) if segments else None,
        readout=lstm["readout"],
        dropout=lstm["dropout"],
        input_dropout=lstm["input_dropout"],
    )


def build_recurrent(inputs: int, hidden: int, cell: str, method: str) -> nn.LSTM | nn.GRU | TensorizedLSTM:
    """Build the recurrent module of a method. Raises InputError for a tensorised GRU."""
    if method not in KINDS:
        return {"lstm": nn.LSTM, "gru": nn.GRU}[cell](inputs, hidden, batch_first=True)
    if cell != "lstm":
        raise InputError(
            f"There are no tensorised GRUs: the method {method} needs `lstm.cell: lstm`. Take {method} out of "
            "`table2.tensorized`, or give this dataset LSTMs; Table 1 is of LSTMs."
        )
    return TensorizedLSTM(build_map(method, inputs, 4 * hidden), hidden)


if __name__ == "__main__":
    run(train_naive)
