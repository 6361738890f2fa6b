"""Train an LSTM classifier without compression: the naive one, or a small one from the start."""

from pathlib import Path

import torch
from torch import nn

from vibhar.checkpoints import save_classifier
from vibhar.device import best_device
from vibhar.feature_store import SplitData, open_split
from vibhar.files import write_json
from vibhar.models import LSTMClassifier, parameter_groups
from vibhar.reporting import report_run
from vibhar.stages import Settings, run
from vibhar.training import Schedule, label_loss, train


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
    """Write the trained classifier, its history and its metrics. `settings`: lstm, training and sampling strategy."""
    data = open_split(store, clips, split, strategy=settings["strategy"])
    schedule = Schedule(**settings["training"])
    classifier = build_naive(data, settings["lstm"], seed).to(best_device())
    rows = train(
        classifier,
        parameter_groups(classifier),
        data.training,
        data.validation,
        schedule,
        label_loss(schedule.label_smoothing),
        seed=seed,
    )
    rows.to_csv(history, index=False)
    save_classifier(classifier, model)
    write_json(report_run(classifier, data, method=method, dataset=dataset, split=split, seed=seed), metrics)


def build_naive(data: SplitData, lstm: Settings, seed: int) -> LSTMClassifier:
    """An LSTM of the configured size with torch's initial weights, drawn from `seed`."""
    torch.manual_seed(seed)
    return LSTMClassifier(
        nn.LSTM(data.dim, lstm["hidden"], batch_first=True),
        nn.Linear(lstm["hidden"], len(data.classes)),
        readout=lstm["readout"],
        dropout=lstm["dropout"],
        input_dropout=lstm["input_dropout"],
    )


if __name__ == "__main__":
    run(train_naive)
