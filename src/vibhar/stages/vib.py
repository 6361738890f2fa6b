"""Train the LSTM classifier with bottlenecks at one beta."""

from pathlib import Path

import torch
from torch import nn

from vibhar.checkpoints import load_classifier, save_classifier
from vibhar.device import best_device
from vibhar.feature_store import open_split
from vibhar.models import LSTMClassifier, parameter_groups
from vibhar.recurrent import VIBLSTM
from vibhar.stages import Settings, run
from vibhar.training import Schedule, distillation_loss, train


def train_vib(
    *,
    store: Path,
    clips: Path,
    naive: Path,
    model: Path,
    history: Path,
    split: str,
    seed: int,
    beta: float,
    settings: Settings,
) -> None:
    """Write the gated classifier and its history.

    `settings`: bottlenecks, noise, evaluation, start, input_beta_ratio, dropout, input_dropout, distillation, training,
    strategy.
    """
    data = open_split(store, clips, split, strategy=settings["strategy"])
    schedule = Schedule(**settings["training"])
    torch.manual_seed(seed)
    device = best_device()
    start, teacher = load_classifier(naive), load_classifier(naive).to(device)
    if settings["start"] == "scratch":
        reset(start)
    classifier = add_bottlenecks(start, beta, settings).to(device)
    loss = distillation_loss(teacher, schedule, **settings["distillation"])
    rows = train(classifier, parameter_groups(classifier), data.training, data.validation, schedule, loss, seed=seed)
    rows.to_csv(history, index=False)
    save_classifier(classifier, model)


def reset(classifier: LSTMClassifier) -> None:
    """Give the LSTM, the head and its batch norm torch's initial weights."""
    assert isinstance(classifier.recurrent, nn.LSTM)
    classifier.recurrent.reset_parameters()
    classifier.head.reset_parameters()
    if classifier.norm is not None:
        classifier.norm.reset_parameters()


def add_bottlenecks(start: LSTMClassifier, beta: float, settings: Settings) -> LSTMClassifier:
    """`start` with open gates on its inputs and hidden units; those that are not to be learned stay open."""
    assert isinstance(start.recurrent, nn.LSTM)
    gates = {key: settings[key] for key in ("noise", "evaluation")}
    gated, learned = VIBLSTM.from_lstm(start.recurrent, **gates), settings["bottlenecks"]
    gated.bottlenecks.stay_open(inputs="input" not in learned, gates="hidden" not in learned)
    return LSTMClassifier(
        gated,
        start.head,
        norm=start.norm,
        readout=start.readout,
        dropout=settings["dropout"],
        input_dropout=settings["input_dropout"],
        beta=beta if "hidden" in learned else 0.0,
        input_beta=beta * settings["input_beta_ratio"] if "input" in learned else 0.0,
    )


if __name__ == "__main__":
    run(train_vib)
