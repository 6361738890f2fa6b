"""Reach a target size or accuracy in one training: beta grows every epoch until the target is met.

The growth starts after some epochs at the first beta: a large beta from the start would close all hidden units at once.
The inputs hold most of the parameters, and their beta may grow faster.
"""

import copy
import math
from typing import Any, NamedTuple

from vibhar.compression.modules import VIBGRU, VIBLSTM
from vibhar.compression.sizes import count_gated_parameters
from vibhar.errors import InputError
from vibhar.models.classifier import RecurrentClassifier


class Goal(NamedTuple):
    """The goal: at most `parameters` recurrent parameters, or as few as keep the validation `accuracy` (in [0, 1])."""

    parameters: float = math.inf
    accuracy: float = 0.0


def set_goal(kind: str, value: float, *, naive_parameters: float, naive_accuracy: float) -> Goal:
    """Return the goal of a `kind`: target_params, target_ratio (naive / parameters) or max_accuracy_drop (points)."""
    if kind == "max_accuracy_drop":
        return Goal(accuracy=naive_accuracy - value / 100 - 1e-9)  # a drop of exactly `value` meets it, rounded or not
    return Goal(parameters=value if kind == "target_params" else naive_parameters / value)


class BetaGrowth:
    """Raises beta after each epoch of a training, and says whether the training can stop.

    From `first_epoch` on, beta is multiplied by `growth` and the inputs' beta by `input_growth`. With an accuracy goal
    the training stops after `patience` epochs in which the goal was not met.
    """

    def __init__(
        self,
        classifier: RecurrentClassifier,
        goal: Goal,
        *,
        first_epoch: int,
        growth: float,
        input_growth: float,
        patience: int = 5,
    ) -> None:
        self.classifier, self.goal = classifier, goal
        self.first_epoch, self.growth, self.input_growth = first_epoch, growth, input_growth
        self.patience = patience
        self.size = 0
        self.met_epoch = -1
        self.met_state: dict[str, Any] = {}

    def __call__(self, epoch: int, validation_accuracy: float) -> bool:
        """Record whether the goal is met at this epoch, raise beta, and return whether to stop.

        Raises InputError where beta has cut everything and the goal was never met.
        """
        if self.met_epoch >= 0 and nothing_left(self.classifier):
            return True  # what met the goal before counts
        self.size = gated_size(self.classifier)
        met = self.size <= self.goal.parameters and validation_accuracy >= self.goal.accuracy
        if met:
            self.met_epoch, self.met_state = epoch, copy.deepcopy(self.classifier.state_dict())
        if epoch < self.first_epoch:
            return met and not self.goal.accuracy
        self.classifier.beta *= self.growth
        self.classifier.input_beta *= self.input_growth
        return epoch - max(self.met_epoch, self.first_epoch) >= self.patience if self.goal.accuracy else met

    def state_dict(self) -> dict[str, Any]:
        """Return the state for a checkpoint: both betas, and the last epoch that met the goal."""
        betas = {"beta": self.classifier.beta, "input_beta": self.classifier.input_beta}
        return betas | {"size": self.size, "met_epoch": self.met_epoch, "met_state": self.met_state}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Load the state that `state_dict` returned."""
        self.classifier.beta, self.classifier.input_beta = state_dict["beta"], state_dict["input_beta"]
        self.size, self.met_epoch = state_dict["size"], state_dict["met_epoch"]
        self.met_state = state_dict["met_state"]

    def restore(self) -> None:
        """Load the last epoch that met the goal into the classifier. Raises InputError if no epoch did."""
        if self.met_epoch < 0:
            wanted = (
                f"a validation accuracy of {100 * self.goal.accuracy:.1f} %"
                if self.goal.accuracy
                else f"{self.goal.parameters:.0f} parameters"
            )
            raise InputError(
                f"The training ended at {self.size} recurrent parameters and has at no epoch met its target, {wanted}. "
                "Raise the growth in `vib.target` or the epochs in the config, or ask for less."
            )
        self.classifier.load_state_dict(self.met_state)


def kept_counts(classifier: RecurrentClassifier) -> tuple[int, int, int]:
    """Return the number of gates of the cell, of open inputs and of open hidden units."""
    recurrent = classifier.recurrent
    assert isinstance(recurrent, VIBLSTM | VIBGRU)
    bottlenecks = recurrent.bottlenecks
    return len(bottlenecks.names.all), int(bottlenecks.inputs.mask().sum()), int(bottlenecks.kept().sum())


def nothing_left(classifier: RecurrentClassifier) -> bool:
    """Whether all inputs or all hidden units are cut."""
    return 0 in kept_counts(classifier)


def gated_size(classifier: RecurrentClassifier) -> int:
    """The parameters of the dense module that the open gates would leave; InputError where they leave none."""
    gates, inputs, hidden = kept_counts(classifier)
    if not inputs or not hidden:
        raise InputError(
            f"On the way to the target beta has grown until {inputs} inputs and {hidden} hidden units were left. Lower "
            "`vib.target.beta` or the growth beside it in the config, or ask for less compression."
        )
    return count_gated_parameters(gates, inputs, hidden)
