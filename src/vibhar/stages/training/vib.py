"""Stage: train a classifier with bottlenecks, at one beta or to a target size or accuracy."""

from pathlib import Path

import torch
from torch import nn

from vibhar.compression.modules import VIBGRU, VIBLSTM
from vibhar.compression.sizes import count_parameters
from vibhar.device import best_device
from vibhar.features.store import SplitData, open_split
from vibhar.models.checkpoints import load_classifier, save_classifier
from vibhar.models.classifier import RecurrentClassifier, parameter_groups
from vibhar.stages.command import Settings, run
from vibhar.training.evaluation import evaluate
from vibhar.training.loop import Schedule, distillation_loss, train
from vibhar.training.resuming import checkpoint_beside
from vibhar.training.target import BetaGrowth, set_goal
from vibhar.workflow.provenance import work_identity


def train_vib(
    *,
    store: Path,
    clips: Path,
    naive: Path,
    model: Path,
    history: Path,
    split: str,
    seed: int,
    knob: str,
    value: float,
    settings: Settings,
) -> None:
    """Write the gated classifier and its history.

    `knob` and `value` are beta, or a target that beta grows to (`vibhar.training.target`) as `settings["target"]` says.
    `settings` also holds bottlenecks, noise, evaluation, start, input_beta_ratio, dropout, input_dropout, distillation,
    training, strategy.
    """
    data = open_split(store, clips, split, strategy=settings["strategy"])
    schedule = Schedule(**settings["training"])
    torch.manual_seed(seed)
    device = best_device()
    start, teacher = load_classifier(naive), load_classifier(naive).to(device)
    if settings["start"] == "scratch":
        reset(start)
    beta = value if knob == "beta" else settings["target"]["beta"]
    classifier = add_bottlenecks(start, beta, settings).to(device)
    loss = distillation_loss(teacher, schedule, **settings["distillation"])
    growth = None if knob == "beta" else aim(classifier, teacher, data, knob, value, settings)
    checkpoint = checkpoint_beside(model, work_identity)
    rows = train(
        classifier,
        parameter_groups(classifier),
        data.training,
        data.validation,
        schedule,
        loss,
        seed=seed,
        after_epoch=growth,
        checkpoint=checkpoint,
    )
    if growth:
        growth.restore()
    rows.to_csv(history, index=False)
    save_classifier(classifier, model)
    checkpoint.discard()


def aim(
    classifier: RecurrentClassifier,
    teacher: RecurrentClassifier,
    data: SplitData,
    knob: str,
    value: float,
    settings: Settings,
) -> BetaGrowth:
    """Return the growth of beta to a target, which is relative to the size and accuracy of the naive `teacher`."""
    size = count_parameters(teacher.recurrent.parameters())
    accuracy = evaluate(teacher, data.validation).accuracy
    training, target = settings["training"], settings["target"]
    return BetaGrowth(
        classifier,
        set_goal(knob, value, naive_parameters=size, naive_accuracy=accuracy),
        first_epoch=round(training["penalty_warmup"] * training["epochs"]),
        growth=target["growth"],
        input_growth=target["input_growth"],
    )


def reset(classifier: RecurrentClassifier) -> None:
    """Give all layers torch's initial weights."""
    for layer in classifier.modules():
        if isinstance(layer, nn.LSTM | nn.GRU | nn.Linear | nn.BatchNorm1d):
            layer.reset_parameters()


def gate(recurrent: nn.Module, **options: str) -> VIBLSTM | VIBGRU:
    """Return the recurrent module with bottlenecks; `options` are noise and evaluation."""
    if isinstance(recurrent, nn.LSTM):
        return VIBLSTM.from_lstm(recurrent, **options)
    assert isinstance(recurrent, nn.GRU)
    return VIBGRU.from_gru(recurrent, **options)


def add_bottlenecks(start: RecurrentClassifier, beta: float, settings: Settings) -> RecurrentClassifier:
    """Add open gates to the inputs and hidden units of `start`; those that are not learned stay open."""
    learned, options = settings["bottlenecks"], {key: settings[key] for key in ("noise", "evaluation")}
    gated = gate(start.recurrent, **options)
    gated.bottlenecks.stay_open(inputs="input" not in learned, gates="hidden" not in learned)
    return RecurrentClassifier(
        gated,
        start.head,
        norm=start.norm,
        segments=start.segments,
        readout=start.readout,
        inputs=start.inputs,
        dropout=settings["dropout"],
        input_dropout=settings["input_dropout"],
        beta=beta if "hidden" in learned else 0.0,
        input_beta=beta * settings["input_beta_ratio"] if "input" in learned else 0.0,
    )


if __name__ == "__main__":
    run(train_vib)
