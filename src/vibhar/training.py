"""The one training loop. It adds a model's penalty to its loss and knows nothing of bottlenecks or lassos."""

import copy
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, kl_div, log_softmax, softmax

from vibhar.evaluation import evaluate
from vibhar.feature_store import Batch, ClipSet

Loss = Callable[[Float[Tensor, "B C"], Batch], Float[Tensor, ""]]


class Schedule(NamedTuple):
    """How long and how fast: epochs, clips a batch, Adam's learning rates, and what follows from them."""

    epochs: int
    batch_size: int
    learning_rate: float
    gate_learning_rate: float = 0.0
    weight_decay: float = 0.0  # never of the gates: it would move their masks instead of the information
    one_cycle: bool = True  # warm up and anneal both rates over the run, instead of constant rates
    penalty_warmup: float = 0.0  # the share of the run over which the penalty grows linearly to its full weight
    patience: int | None = None  # stop after so many epochs without a better validation accuracy
    keep: str = "best"  # the epoch that is returned: "best" on validation, or "last"
    clip_gradient: float = 5.0


def train(
    model: nn.Module,
    groups: dict[str, list[nn.Parameter]],
    data: tuple[ClipSet, ClipSet],
    schedule: Schedule,
    *,
    loss: Loss,
    classes: int,
    seed: int,
) -> pd.DataFrame:
    """Train `model` in place on data[0], choosing the epoch on data[1]; a row of history an epoch."""
    training, validation = data
    generator = np.random.default_rng(seed)
    torch.manual_seed(seed)
    steps = schedule.epochs * -(-len(training.rows) // schedule.batch_size)
    optimizer, scheduler = build_optimizer(groups, schedule, steps)
    device = next(model.parameters()).device
    history: list[dict[str, float]] = []
    best, best_state, step = (-1.0, 0.0), copy.deepcopy(model.state_dict()), 0
    for epoch in range(schedule.epochs):
        model.train()
        total, penalty_total = 0.0, 0.0
        for x, y in training.shuffled_batches(schedule.batch_size, generator):
            x, y = x.to(device), y.to(device)
            step += 1
            strength = min(1.0, step / max(1.0, schedule.penalty_warmup * steps))
            fit = loss(model(x), (x, y))
            penalty = model.penalty()
            optimizer.zero_grad(set_to_none=True)
            (fit + strength * penalty).backward()
            nn.utils.clip_grad_norm_(groups["network"], schedule.clip_gradient)
            optimizer.step()
            scheduler.step()
            total += fit.item() * len(y)
            penalty_total += penalty.item() * len(y)
        accuracy = evaluate(model, validation, classes).accuracy
        history.append({"epoch": epoch, "loss": total / len(training.rows), "penalty": penalty_total / len(training.rows), "validation_accuracy": accuracy})
        score = (accuracy, -total)
        if score > best or schedule.keep == "last":
            best, best_epoch, best_state = score, epoch, copy.deepcopy(model.state_dict())
        if schedule.patience is not None and epoch - best_epoch >= schedule.patience:
            break
    model.load_state_dict(best_state)
    return pd.DataFrame(history)


def build_optimizer(groups, schedule, steps):
    rates = {"network": schedule.learning_rate, "gates": schedule.gate_learning_rate}
    decay = {"network": schedule.weight_decay, "gates": 0.0}
    parameters = [
        {"params": members, "lr": rates[name], "weight_decay": decay[name]} for name, members in groups.items() if members
    ]
    optimizer = torch.optim.AdamW(parameters)
    if schedule.one_cycle:
        return optimizer, torch.optim.lr_scheduler.OneCycleLR(optimizer, [g["lr"] for g in parameters], total_steps=steps, pct_start=0.1)
    return optimizer, torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)


def smoothed(label_smoothing: float) -> Loss:
    return lambda logits, batch: cross_entropy(logits, batch[1], label_smoothing=label_smoothing)


def distilled(teacher: nn.Module, weight: float, temperature: float, label_smoothing: float) -> Loss:
    teacher.eval().requires_grad_(False)

    def loss(logits, batch):
        x, y = batch
        target = softmax(teacher(x) / temperature, dim=1)
        soft = kl_div(log_softmax(logits / temperature, dim=1), target, reduction="batchmean") * temperature**2
        return (1 - weight) * cross_entropy(logits, y, label_smoothing=label_smoothing) + weight * soft

    return loss
