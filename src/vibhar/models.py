"""Classifiers of clips. Each offers `forward(x) -> logits` and `penalty() -> scalar`, which is all that training knows.

Dimensions: B clips, T frames, D features of a frame, C classes.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from vibhar.compress import narrow, prune
from vibhar.recurrent import VIBLSTM


class LSTMClassifier(nn.Module):
    """Features of frames -> (kept inputs) -> LSTM -> last hidden state, or the mean over time -> linear layer."""

    def __init__(
        self,
        recurrent: nn.LSTM | VIBLSTM,
        head: nn.Linear,
        *,
        inputs: Int[Tensor, " d"] | None = None,
        readout: str = "mean",
        dropout: float = 0.0,
        input_dropout: float = 0.0,
        beta: float = 0.0,
        input_beta: float = 0.0,
    ) -> None:
        super().__init__()
        self.recurrent = recurrent
        self.head = head
        self.register_buffer("inputs", inputs)
        self.readout = readout
        self.dropout = nn.Dropout(dropout)
        self.input_dropout = nn.Dropout(input_dropout)
        self.beta = beta
        self.input_beta = input_beta

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B C"]:
        """Logits; the softmax is the loss's."""
        kept = x if self.inputs is None else x[..., self.inputs]
        hidden, _ = self.recurrent(self.input_dropout(kept))
        summary = hidden[:, -1] if self.readout == "last" else hidden.mean(dim=1)
        return self.head(self.dropout(summary))

    def penalty(self) -> Float[Tensor, ""]:
        """beta KL of the hidden gates + input_beta KL of the input gate (Eq 15); 0 without bottlenecks."""
        if not isinstance(self.recurrent, VIBLSTM):
            return torch.zeros(())
        return self.beta * self.recurrent.hidden_kl() + self.input_beta * self.recurrent.input_kl()


def parameter_groups(model: nn.Module) -> dict[str, list[nn.Parameter]]:
    """The parameters of the bottlenecks, which learn faster and without weight decay, and all others."""
    named = list(model.named_parameters())
    gates = [parameter for name, parameter in named if "bottleneck" in name]
    network = [parameter for name, parameter in named if "bottleneck" not in name]
    return {"network": network, "gates": gates}


@torch.no_grad()
def prune_classifier(model: LSTMClassifier) -> LSTMClassifier:
    """The dense classifier that equals `model` in evaluation. Raises NothingLeft where all of it would be cut."""
    assert isinstance(model.recurrent, VIBLSTM)
    pruned = prune(model.recurrent)
    return LSTMClassifier(
        pruned.module,
        narrow(model.head, pruned.hidden, pruned.scale),
        inputs=pruned.inputs if model.inputs is None else model.inputs[pruned.inputs],
        readout=model.readout,
        dropout=model.dropout.p,
        input_dropout=model.input_dropout.p,
    )
