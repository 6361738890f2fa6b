"""Classifiers of clips. Each offers `forward(x) -> logits` and `penalty() -> scalar`, which is all that training knows.

Dimensions: B clips, T frames, D features of a frame, H hidden units, C classes.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from vibhar.compression.modules import VIBGRU, VIBLSTM
from vibhar.compression.pruning import narrow, prune
from vibhar.models.temporal_segments import TemporalSegments
from vibhar.models.tensorized_lstm import TensorizedLSTM


class Classifier(Protocol):
    """What training and evaluation ask of a model; all but `penalty` is what any `nn.Module` has."""

    def __call__(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B C"]: ...  # noqa: D102
    def penalty(self) -> Float[Tensor, ""]: ...  # noqa: D102
    def train(self, mode: bool = True) -> Any: ...  # noqa: D102
    def parameters(self) -> Iterator[nn.Parameter]: ...  # noqa: D102
    def state_dict(self) -> dict[str, Any]: ...  # noqa: D102
    def load_state_dict(self, state_dict: Mapping[str, Any]) -> Any: ...  # noqa: D102


class RecurrentClassifier(nn.Module):
    """Features of frames -> kept inputs -> LSTM or GRU -> last hidden state or mean over time -> linear -> batch norm.

    `inputs` are the indices of the features that are taken, all where it is None. `segments` normalise and pool them
    over temporal segments (TS-LSTM). Without a `norm` the linear layer gives the logits. `beta` and `input_beta` weigh
    the information bounds of a VIBLSTM or a VIBGRU (Eq 15).
    """

    inputs: Tensor | None

    def __init__(
        self,
        recurrent: nn.LSTM | nn.GRU | VIBLSTM | VIBGRU | TensorizedLSTM,
        head: nn.Linear,
        *,
        readout: str,
        norm: nn.BatchNorm1d | None = None,
        segments: TemporalSegments | None = None,
        inputs: Int[Tensor, " d"] | None = None,
        dropout: float = 0.0,
        input_dropout: float = 0.0,
        beta: float = 0.0,
        input_beta: float = 0.0,
    ) -> None:
        super().__init__()
        self.recurrent = recurrent
        self.head = head
        self.norm = norm
        self.segments = segments
        self.readout = readout
        self.register_buffer("inputs", inputs)
        self.dropout = nn.Dropout(dropout)
        self.input_dropout = nn.Dropout(input_dropout)
        self.beta = beta
        self.input_beta = input_beta

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B C"]:
        """Logits; the softmax is the loss's."""
        kept = x if self.inputs is None else x[..., self.inputs]
        steps = kept if self.segments is None else self.segments(kept)
        hidden, _ = self.recurrent(self.input_dropout(steps))
        summary = hidden[:, -1] if self.readout == "last" else hidden.mean(dim=1)
        return self.normalise(self.head(self.dropout(summary)))

    def normalise(self, logits: Float[Tensor, "B C"]) -> Float[Tensor, "B C"]:
        """The logits through the batch norm, where there is one."""
        return logits if self.norm is None else self.norm(logits)

    def penalty(self) -> Float[Tensor, ""]:
        """beta KL of the hidden gates + input_beta KL of the input gate (Eq 15), in nats; 0 without bottlenecks."""
        if isinstance(self.recurrent, VIBLSTM | VIBGRU):
            bottlenecks = self.recurrent.bottlenecks
            return self.beta * bottlenecks.hidden_kl() + self.input_beta * bottlenecks.input_kl()
        return torch.zeros((), device=self.head.weight.device)


class FrameMeanClassifier(nn.Module):
    """A linear layer on the mean of the frames' features: what a clip's appearance tells, without an LSTM."""

    def __init__(self, dim: int, classes: int) -> None:
        super().__init__()
        self.head = nn.Linear(dim, classes)

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B C"]:
        """Logits."""
        return self.head(x.mean(dim=1))

    def penalty(self) -> Float[Tensor, ""]:
        """Nothing to penalise."""
        return torch.zeros((), device=self.head.weight.device)


class ConstantClassifier(nn.Module):
    """What is left when a beta has cut everything: the same logits for every clip."""

    def __init__(self, logits: Float[Tensor, " C"]) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits.detach().clone())

    @classmethod
    def left_of(cls, classifier: RecurrentClassifier) -> "ConstantClassifier":
        """What `classifier` says, in evaluation, of hidden states that are all 0."""
        return cls(classifier.eval().normalise(classifier.head.bias[None])[0])

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B C"]:
        """The constant logits, a row a clip."""
        return self.logits.expand(len(x), -1)

    def penalty(self) -> Float[Tensor, ""]:
        """Nothing to penalise."""
        return torch.zeros((), device=self.logits.device)


def parameter_groups(model: nn.Module) -> dict[str, list[nn.Parameter]]:
    """The bottlenecks' parameters ("gates"), which learn at a rate of their own, and all others ("network")."""
    learned = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    return {
        "network": [parameter for name, parameter in learned if "bottleneck" not in name],
        "gates": [parameter for name, parameter in learned if "bottleneck" in name],
    }


@torch.no_grad()
def prune_classifier(model: RecurrentClassifier) -> RecurrentClassifier:
    """The dense classifier that equals `model` in evaluation. Raises NothingLeft where all of it would be cut."""
    if not isinstance(model.recurrent, VIBLSTM | VIBGRU):
        raise TypeError("only a classifier with a VIBLSTM or a VIBGRU has bottlenecks to prune by")
    pruned = prune(model.recurrent)
    inputs = pruned.inputs if model.inputs is None else model.inputs[pruned.inputs]
    return RecurrentClassifier(
        pruned.module,
        narrow(model.head, pruned.hidden, pruned.scale),
        norm=copy.deepcopy(model.norm),
        segments=model.segments and model.segments.narrowed(pruned.inputs),
        readout=model.readout,
        inputs=inputs,
    )
