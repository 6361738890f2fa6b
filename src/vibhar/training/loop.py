"""The training loop for all models: optimizer, learning rate schedule, early stopping, losses."""

import copy
import math
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, kl_div, log_softmax, softmax
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR

from vibhar.errors import InputError
from vibhar.features.store import Batch, ClipSet
from vibhar.models.classifier import Classifier, RecurrentClassifier
from vibhar.training.evaluation import evaluate
from vibhar.training.resuming import Checkpoint

Loss = Callable[[Classifier, Batch], Float[Tensor, ""]]

WARMUP = 0.1  # the share of the steps over which one cycle raises the learning rate
MAX_GRADIENT_NORM = 5.0  # of the group "network"; gradients of recurrent networks can explode
OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}


class AfterEpoch(Protocol):
    """Called after each epoch with the validation accuracy; returns whether to stop. Checkpoints hold its state."""

    def __call__(self, epoch: int, validation_accuracy: float, /) -> bool: ...  # noqa: D102
    def state_dict(self) -> dict[str, Any]: ...  # noqa: D102
    def load_state_dict(self, state_dict: dict[str, Any]) -> None: ...  # noqa: D102


class Schedule(NamedTuple):
    """Settings of a training: epochs, batch size, learning rates, weight decay, early stopping."""

    epochs: int
    batch_size: int
    learning_rate: float
    gate_learning_rate: float = 0.0
    optimizer: str = "adamw"  # decoupled weight decay; "adam" adds it to the gradient, as in the released code
    weight_decay: float = 0.0
    gate_weight_decay: float = 0.0  # 0, so that the information bound alone moves the gates
    label_smoothing: float = 0.0
    double_softmax: bool = False  # in the loss with the labels, as in the released code
    one_cycle: bool = True  # one-cycle learning rate schedule (warm up, anneal), else constant rates
    penalty_warmup: float = 0.0  # the share of the run over which the penalty grows to its full weight
    patience: int | None = None  # early stopping after so many epochs without a better validation accuracy
    keep: str = "best"  # return the epoch that is "best" on validation, or the "last"


def train(
    model: Classifier,
    groups: dict[str, list[nn.Parameter]],
    training: ClipSet,
    validation: ClipSet,
    schedule: Schedule,
    loss: Loss,
    *,
    seed: int,
    after_epoch: AfterEpoch | None = None,
    checkpoint: Checkpoint | None = None,
) -> pd.DataFrame:
    """Train `model` in place and keep the best epoch on `validation`. Returns the history, one row per epoch.

    `groups` are the parameters by learning rate: "network" and "gates". The loss is `loss` plus the model's penalty. A
    killed training resumes from its `checkpoint` and reaches the same numbers. Raises InputError if a part has no clip,
    and if a batch norm would get a single clip.
    """
    check_parts(training, validation)
    schedule = avoid_single_clips(model, training, schedule)
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    steps = schedule.epochs * training.count_batches(schedule.batch_size)
    optimizer, scheduler = build_optimizer(groups, schedule, steps)
    device = next(model.parameters()).device
    run = Run(model, optimizer, scheduler, generator, after_epoch)
    progress = Progress(model.state_dict(), [])
    if checkpoint and (saved := checkpoint.load()):
        progress = run.restore(saved)
    for epoch in range(len(progress.history), schedule.epochs):
        model.train()
        sums = np.zeros(2)
        for x, y in training.shuffled_batches(schedule.batch_size, generator):
            batch = x.to(device), y.to(device)
            warmup = schedule.penalty_warmup * steps
            strength = min(1.0, scheduler.last_epoch / warmup) if warmup else 1.0
            fit, penalty = loss(model, batch), model.penalty()
            optimizer.zero_grad()
            (fit + strength * penalty).backward()
            nn.utils.clip_grad_norm_(groups["network"], MAX_GRADIENT_NORM)
            optimizer.step()
            scheduler.step()
            sums += np.array([fit.item(), penalty.item()]) * len(y)
        fitted, penalised = (sums / len(training)).tolist()
        accuracy = evaluate(model, validation).accuracy
        row = {"epoch": epoch, "loss": fitted, "penalty": penalised, "validation_accuracy": accuracy}
        progress.history.append(row)
        score = (accuracy, -fitted)  # if the accuracy is equal, the epoch with the lower training loss is better
        if schedule.keep == "last" or score > progress.best_score:
            best_state = copy.deepcopy(model.state_dict())
            progress = progress._replace(best_score=score, best_epoch=epoch, best_state=best_state)
        if after_epoch and after_epoch(epoch, accuracy):
            break
        if schedule.patience is not None and epoch - progress.best_epoch >= schedule.patience:
            break
        if checkpoint:
            checkpoint.save_if_due(lambda: run.capture(progress))  # noqa: B023 (it is called at once)
    model.load_state_dict(progress.best_state)
    return pd.DataFrame(progress.history)


def check_parts(training: ClipSet, validation: ClipSet) -> None:
    """Raise InputError where a part of the split has no clip."""
    for part, clips, purpose in (("training", training, "train"), ("validation", validation, "choose the epoch")):
        if not len(clips):
            raise InputError(
                f"The {part} part of the split has no clip to {purpose} on. Add clips, take another split, or make the "
                "unreadable ones readable; the dataset's clips.parquet says of each clip where it is and what is wrong."
            )


def avoid_single_clips(model: Classifier, training: ClipSet, schedule: Schedule) -> Schedule:
    """Three clips a batch in place of two where one would be left alone and `model` has a batch norm over the clips.

    Raises InputError where there is one clip in all.
    """
    if len(training) // training.count_batches(schedule.batch_size) > 1 or trains_on_one(model, training):
        return schedule
    if len(training) == 1:
        raise InputError(
            "There is one clip to train on, and a batch norm needs two or more to know their variance. Add training "
            "clips, or take `lstm.head: linear` and no temporal segments of one frame."
        )
    print(
        f"The batches have up to 3 clips: of {len(training)} clips two a batch would leave one alone to a batch norm."
    )
    return schedule._replace(batch_size=3)


def trains_on_one(model: Classifier, training: ClipSet) -> bool:
    """Whether a copy of `model` takes a single clip in training; no random number is used up."""
    x, _ = next(training.ordered_batches(1))
    device = next(model.parameters()).device
    probe = copy.deepcopy(model)
    probe.train()
    with torch.random.fork_rng([device] if device.type == "cuda" else []), torch.no_grad():
        try:
            probe(x.to(device))
        except ValueError as error:  # torch's batch norm
            if "more than 1 value per channel" in str(error):
                return False
            raise
    return True


class Progress(NamedTuple):
    """The progress of a training: the history, and the best epoch so far with its state dict."""

    best_state: dict[str, Any]
    history: list[dict[str, float]]  # one row per epoch
    best_score: tuple[float, float] = (-1.0, -1.0)
    best_epoch: int = 0


class Run(NamedTuple):
    """All objects whose state changes during training, random generators included."""

    model: Classifier
    optimizer: torch.optim.Optimizer
    scheduler: LRScheduler
    generator: np.random.Generator
    after_epoch: AfterEpoch | None

    def capture(self, progress: Progress) -> dict[str, Any]:
        """Return the full state of the training, from which `restore` continues to the same numbers."""
        return {
            "progress": progress._asdict(),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict(),
            "generator": self.generator.bit_generator.state,
            "after_epoch": self.after_epoch.state_dict() if self.after_epoch else None,
            "random": torch.get_rng_state(),
            "random_gpu": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        }

    def restore(self, saved: dict[str, Any]) -> Progress:
        """Load a captured state into all objects, and return its progress."""
        self.model.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.scheduler.load_state_dict(saved["scheduler"])
        self.generator.bit_generator.state = saved["generator"]
        if self.after_epoch:
            self.after_epoch.load_state_dict(saved["after_epoch"])
        torch.set_rng_state(saved["random"])
        torch.cuda.set_rng_state_all(saved["random_gpu"])
        return Progress(**saved["progress"])


def build_optimizer(
    groups: dict[str, list[nn.Parameter]], schedule: Schedule, steps: int
) -> tuple[torch.optim.Optimizer, LRScheduler]:
    """Build Adam with a learning rate and weight decay per group, and the learning rate schedule over `steps` steps."""
    rates = {"network": schedule.learning_rate, "gates": schedule.gate_learning_rate}
    decays = {"network": schedule.weight_decay, "gates": schedule.gate_weight_decay}
    names = [name for name, parameters in groups.items() if parameters]
    optimizer = OPTIMIZERS[schedule.optimizer](
        [{"params": groups[name], "lr": rates[name], "weight_decay": decays[name]} for name in names]
    )
    if schedule.one_cycle:
        # of ten steps the warm-up ends at the first, and torch would divide by its length, 0
        warmup = WARMUP if WARMUP * steps != 1 else math.nextafter(WARMUP, 0)
        return optimizer, OneCycleLR(optimizer, [rates[name] for name in names], total_steps=steps, pct_start=warmup)
    return optimizer, LambdaLR(optimizer, lambda step: 1.0)


def label_loss(schedule: Schedule) -> Loss:
    """Return the cross entropy loss with the labels.

    With a double softmax the probabilities are used as logits. For C classes the loss is then never below
    log(1 + (C - 1) / e), and the gradient of a clip stays small even if its prediction is wrong.
    """

    def loss(model: Classifier, batch: Batch) -> Float[Tensor, ""]:
        x, y = batch
        logits = softmax(model(x), dim=1) if schedule.double_softmax else model(x)
        return cross_entropy(logits, y, label_smoothing=schedule.label_smoothing)

    return loss


def distillation_loss(
    teacher: RecurrentClassifier, schedule: Schedule, *, weight: float, temperature: float, mixup: bool
) -> Loss:
    """(1 - weight) cross entropy with the labels + weight KL to the teacher's softened predictions (Hinton 2015).

    With `mixup` teacher and student see random mixtures of two clips (Zhang 2018): the teacher gives a target for any
    input, and a few hundred clips are too few to show which of a thousand features matter.
    """
    labels = label_loss(schedule)
    if weight == 0:
        return labels
    teacher.eval().requires_grad_(False)

    def loss(model: Classifier, batch: Batch) -> Float[Tensor, ""]:
        x = mix(batch[0]) if mixup else batch[0]
        target = softmax(teacher(x) / temperature, dim=1)
        divergence = kl_div(log_softmax(model(x) / temperature, dim=1), target, reduction="batchmean")
        followed = weight * temperature**2 * divergence
        return followed if weight == 1 else followed + (1 - weight) * labels(model, batch)

    return loss


def mix(x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
    """Mix each clip with another one of the batch, which has a share of 0 to 0.5."""
    share = torch.empty(len(x), 1, 1, device=x.device).uniform_(0.5, 1)
    return share * x + (1 - share) * x[torch.randperm(len(x), device=x.device)]
