"""Intrinsic sparse structures: a group lasso on all weights of a hidden unit (Wen et al. 2018; Eq 16 of the paper).

The group of unit k is what would be lost with it: its rows of W_ih and W_hh in all four gates, its column of W_hh, and
its column of the layer that reads h. The four weights from k to itself are in it twice, as in the authors' code.

Dimensions: B clips, T frames, D features, H hidden units, C classes.
"""

import copy

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from vibhar.compress import NothingLeft, narrow
from vibhar.models import RecurrentClassifier
from vibhar.recurrence import weights_of

EPSILON = 1e-8  # keeps the gradient of the square root finite


def group_norms(rnn: nn.LSTM | nn.GRU, head: nn.Linear) -> Float[Tensor, " H"]:
    """The L2 norm of the group of each hidden unit."""
    weights = weights_of(rnn)
    rows = torch.cat([weights.ih, weights.hh], dim=1).square().sum(dim=1).view(-1, rnn.hidden_size).sum(dim=0)
    columns = weights.hh.square().sum(dim=0) + head.weight.square().sum(dim=0)
    return torch.sqrt(rows + columns + EPSILON)


class GroupLassoClassifier(nn.Module):
    """A classifier whose penalty is `strength` times the sum of its groups' norms."""

    def __init__(self, classifier: RecurrentClassifier, strength: float) -> None:
        super().__init__()
        self.classifier = classifier
        self.strength = strength

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B C"]:
        """The classifier's logits."""
        return self.classifier(x)

    def norms(self) -> Float[Tensor, " H"]:
        """The norm of each group."""
        assert isinstance(self.classifier.recurrent, nn.LSTM | nn.GRU)
        return group_norms(self.classifier.recurrent, self.classifier.head)

    def penalty(self) -> Float[Tensor, ""]:
        """R = strength * sum over units of the norm of their group (Eq 16)."""
        return self.strength * self.norms().sum()


@torch.no_grad()
def prune_groups(model: GroupLassoClassifier, threshold: float) -> RecurrentClassifier:
    """The dense classifier of the units whose group norm is above `threshold`. Raises NothingLeft where none is."""
    kept = model.norms() > threshold
    if not kept.any():
        raise NothingLeft(f"No group has a norm above {threshold:g}. Take a smaller strength of the group lasso.")
    return select_units(model.classifier, kept)


def select_units(classifier: RecurrentClassifier, kept: Bool[Tensor, " H"]) -> RecurrentClassifier:
    """A classifier of some hidden units of another."""
    rnn, units = classifier.recurrent, kept.nonzero()[:, 0]
    assert isinstance(rnn, nn.LSTM | nn.GRU)
    small = type(rnn)(rnn.input_size, len(units), batch_first=True).to(classifier.head.weight)
    ours, theirs = weights_of(small), weights_of(rnn)
    rows = torch.arange(len(theirs.ih)).view(-1, rnn.hidden_size)[:, units].flatten()
    ours.ih.copy_(theirs.ih[rows])
    ours.hh.copy_(theirs.hh[rows][:, units])
    ours.bias_ih.copy_(theirs.bias_ih[rows])
    ours.bias_hh.copy_(theirs.bias_hh[rows])
    head = narrow(classifier.head, units, torch.ones(len(units)).to(ours.hh))
    norm, segments = copy.deepcopy((classifier.norm, classifier.segments))
    return RecurrentClassifier(
        small, head, norm=norm, segments=segments, readout=classifier.readout, inputs=classifier.inputs
    )
