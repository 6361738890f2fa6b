"""Tasks that a model of clips must be able to learn, and how the tests train on them."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from vibhar.features.store import ClipSet
from vibhar.models.classifier import Classifier, parameter_groups
from vibhar.training.evaluation import evaluate
from vibhar.training.loop import Schedule, label_loss, train


def bumps(clips: int, seed: int, *, frames: int, dim: int, bump: slice) -> ClipSet:
    """Two classes with the same frames: noise, with a bump at the features `bump` of the second or the last but one."""
    random = np.random.default_rng(seed)
    labels = np.arange(clips) % 2
    features = random.normal(0, 0.3, (clips, 1, 1, frames, dim))
    features[np.arange(clips), :, :, np.where(labels == 0, 1, frames - 2), bump] += 3
    return ClipSet(features.astype(np.float16), np.arange(clips), torch.from_numpy(labels))


def learned_accuracy(model: Classifier, draw: Callable[[int, int], ClipSet], *, epochs: int, rate: float) -> float:
    """The accuracy on fresh clips after a training; `draw` takes a number of clips and a seed."""
    assert isinstance(model, nn.Module)
    schedule = Schedule(epochs=epochs, batch_size=16, learning_rate=rate)
    train(model, parameter_groups(model), draw(64, 0), draw(32, 1), schedule, label_loss(schedule), seed=0)
    return evaluate(model, draw(64, 2)).accuracy


def parameters_without_gradient(model: nn.Module, x: torch.Tensor) -> list[str]:
    """The parameters that a training step on `x` and its successor do not reach: what starts at 0 blocks the first."""
    for _ in range(2):
        model.zero_grad()
        model(x).square().sum().backward()
        gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
        torch.optim.SGD(model.parameters(), lr=1e-2).step()
    return [name for name, gradient in gradients.items() if gradient is None or not gradient.any()]
