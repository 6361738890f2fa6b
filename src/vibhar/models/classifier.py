"""Classifiers of clips. The training loop only uses `forward(x) -> logits` and `penalty() -> scalar`.

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
    """The methods that training and evaluation call on a model; all but `penalty` exist in any `nn.Module`."""

    def __call__(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B C"]: ...  # noqa: D102
    def penalty(self) -> Float[Tensor, ""]: ...  # noqa: D102
    def train(self, mode: bool = True) -> Any: ...  # noqa: D102
    def parameters(self) -> Iterator[nn.Parameter]: ...  # noqa: D102
    def state_dict(self) -> dict[str, Any]: ...  # noqa: D102
    def load_state_dict(self, state_dict: Mapping[str, Any]) -> Any: ...  # noqa: D102


class RecurrentClassifier(nn.Module):
    """Features of frames -> kept inputs -> LSTM or GRU -> last hidden state or mean over time -> linear -> batch norm.

    `inputs` are the indices of the features that are used; None means all. `segments` normalises and pools them over
    temporal segments (TS-LSTM). Without `norm` the linear layer returns the logits. `beta` and `input_beta` are the
    weights of the information bounds of a VIBLSTM or a VIBGRU (Eq 15).
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
        """Return the logits, before the softmax."""
        kept = x if self.inputs is None else x[..., self.inputs]
        steps = kept if self.segments is None else self.segments(kept)
        hidden, _ = self.recurrent(self.input_dropout(steps))
        summary = hidden[:, -1] if self.readout == "last" else hidden.mean(dim=1)
        return self.normalise(self.head(self.dropout(summary)))

    def normalise(self, logits: Float[Tensor, "B C"]) -> Float[Tensor, "B C"]:
        """Apply the batch norm to the logits, if there is one."""
        return logits if self.norm is None else self.norm(logits)

    def penalty(self) -> Float[Tensor, ""]:
        """Return beta KL(hidden gates) + input_beta KL(input gate), in nats (Eq 15); 0 without bottlenecks."""
        if isinstance(self.recurrent, VIBLSTM | VIBGRU):
            bottlenecks = self.recurrent.bottlenecks
            return self.beta * bottlenecks.hidden_kl() + self.input_beta * bottlenecks.input_kl()
        return torch.zeros((), device=self.head.weight.device)


class FrameMeanClassifier(nn.Module):
    """A linear layer on the mean of the frames' features: a control that ignores the order of the frames."""

    def __init__(self, dim: int, classes: int) -> None:
        super().__init__()
        self.head = nn.Linear(dim, classes)

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B C"]:
        """Return the logits."""
        return self.head(x.mean(dim=1))

    def penalty(self) -> Float[Tensor, ""]:
        """Return 0: this model has no penalty."""
        return torch.zeros((), device=self.head.weight.device)


class ConstantClassifier(nn.Module):
    """The same logits for every clip: the result of pruning when no input or no hidden unit is left."""

    def __init__(self, logits: Float[Tensor, " C"]) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits.detach().clone())

    @classmethod
    def left_of(cls, classifier: RecurrentClassifier) -> "ConstantClassifier":
        """Return the constant logits of `classifier` in evaluation mode if all hidden states are 0."""
        return cls(classifier.eval().normalise(classifier.head.bias[None])[0])

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B C"]:
        """Return the constant logits, one row per clip."""
        return self.logits.expand(len(x), -1)

    def penalty(self) -> Float[Tensor, ""]:
        """Return 0: this model has no penalty."""
        return torch.zeros((), device=self.logits.device)


def parameter_groups(model: nn.Module) -> dict[str, list[nn.Parameter]]:
    """Return the parameters by learning rate: those of the bottlenecks ("gates") and all others ("network")."""
    learned = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    return {
        "network": [parameter for name, parameter in learned if "bottleneck" not in name],
        "gates": [parameter for name, parameter in learned if "bottleneck" in name],
    }


@torch.no_grad()
def prune_classifier(model: RecurrentClassifier) -> RecurrentClassifier:
    """Return the dense classifier that equals `model` in evaluation mode. Raises NothingLeft if nothing is kept."""
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
