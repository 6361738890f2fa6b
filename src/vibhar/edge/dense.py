"""Convert a trained classifier to the dense form that a bundle stores, and list its arrays.

Dimensions: D inputs, H hidden units, C classes; G gates, 4 of an LSTM and 3 of a GRU, in torch's order.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_linear_bn_eval

from vibhar.errors import InputError
from vibhar.models.classifier import RecurrentClassifier


class DenseClassifier(nn.Module):
    """Kept features [B, T, D] -> LSTM or GRU -> readout -> linear: what every runtime of a bundle computes."""

    def __init__(self, recurrent: nn.LSTM | nn.GRU, head: nn.Linear, *, readout: str) -> None:
        super().__init__()
        self.recurrent = recurrent
        self.head = head
        self.readout = readout

    def forward(self, features: Float[Tensor, "B T D"]) -> Float[Tensor, "B C"]:
        """Return the logits."""
        hidden, _ = self.recurrent(features)
        return self.head(hidden[:, -1] if self.readout == "last" else hidden.mean(dim=1))


class Dense(NamedTuple):
    """A classifier of the kept inputs only, without batch norm, and the indices of those inputs."""

    model: DenseClassifier
    inputs: Int[Tensor, " D"]


def densify(classifier: RecurrentClassifier, features: int) -> Dense:
    """Return the dense form of a trained classifier on `features` features; batch norm is merged into the linear layer.

    Raises InputError for models that a bundle cannot hold: gates that are not pruned, tensorised maps, temporal
    segments, several layers, two directions.
    """
    recurrent = classifier.recurrent
    plain = isinstance(recurrent, nn.LSTM | nn.GRU) and recurrent.num_layers == 1 and not recurrent.bidirectional
    if not plain or classifier.segments is not None:
        raise InputError(
            f"A bundle holds one layer of a plain LSTM or GRU in one direction, not a {type(recurrent).__name__}"
            f"{' with temporal segments' if classifier.segments is not None else ''}. Bundle a naive or a pruned model."
        )
    assert isinstance(recurrent, nn.LSTM | nn.GRU)
    classifier.eval()
    head = classifier.head if classifier.norm is None else fuse_linear_bn_eval(classifier.head, classifier.norm)
    inputs = torch.arange(features) if classifier.inputs is None else classifier.inputs
    return Dense(DenseClassifier(recurrent, head, readout=classifier.readout).eval(), inputs)


def arrays_of(model: DenseClassifier) -> dict[str, Tensor]:
    """Return weight_ih [GH, D], weight_hh [GH, H], bias_ih, bias_hh [GH], head_weight [C, H], head_bias [C]."""
    recurrent = {name.removesuffix("_l0"): tensor for name, tensor in model.recurrent.state_dict().items()}
    return recurrent | {f"head_{name}": tensor for name, tensor in model.head.state_dict().items()}


def count_multiply_adds(model: DenseClassifier, frames: int) -> int:
    """Return the multiply-adds of one clip, T (G H D + G H^2) + H C; element-wise operations are not counted."""
    arrays = arrays_of(model)
    return frames * (arrays["weight_ih"].numel() + arrays["weight_hh"].numel()) + arrays["head_weight"].numel()
