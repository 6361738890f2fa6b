"""Intrinsic sparse structures: a group lasso on all weights of a hidden unit (Wen et al. 2018; Eq 16 of the paper).

The group of unit k holds all weights that are removed with it: its rows of W_ih and W_hh in all four gates, its column
of W_hh, and its column of the layer that reads h. The four weights from k to itself count twice, as in the authors'
code.

Dimensions: B clips, T frames, D features, H hidden units, C classes.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from vibhar.compression.bottleneck import at_least_single
from vibhar.compression.cells import weights_of
from vibhar.compression.pruning import NothingLeft, narrow

EPSILON = 1e-8  # keeps the gradient of the square root finite


def group_norms(rnn: nn.LSTM | nn.GRU, head: nn.Linear) -> Float[Tensor, " H"]:
    """Return the L2 norm of each hidden unit's group of weights, in float32 for half precision.

    Raises ValueError for several layers or directions, without biases, with a projection, and where `head` has not as
    many inputs as there are units.
    """
    check_groups(rnn, head)
    weights, after = weights_of(rnn), at_least_single(head.weight)
    ih, hh = at_least_single(weights.ih), at_least_single(weights.hh)
    rows = torch.cat([ih, hh], dim=1).square().sum(dim=1).view(-1, rnn.hidden_size).sum(dim=0)
    columns = hh.square().sum(dim=0) + after.square().sum(dim=0)
    return torch.sqrt(rows + columns + EPSILON)


def check_groups(rnn: nn.LSTM | nn.GRU, head: nn.Linear) -> None:
    """Raise ValueError where the groups of units are not what `group_norms` takes them for."""
    if rnn.num_layers > 1 or rnn.bidirectional or rnn.proj_size or not rnn.bias:
        raise ValueError("the group lasso is for one layer in one direction, with biases and without proj_size")
    if head.in_features != rnn.hidden_size:
        raise ValueError(f"the layer after {rnn.hidden_size} hidden units takes {head.in_features} of them")


@torch.no_grad()
def prune_groups(
    rnn: nn.LSTM | nn.GRU, head: nn.Linear, threshold: float
) -> tuple[nn.LSTM | nn.GRU, nn.Linear, Int[Tensor, " kept"]]:
    """Keep the units whose group norm is above `threshold`. Returns the small module, its next layer, and the units.

    Raises NothingLeft where no norm is, and ValueError as `group_norms` does.
    """
    kept = group_norms(rnn, head) > threshold
    if not kept.any():
        raise NothingLeft(f"No group has a norm above {threshold:g}. Take a smaller strength of the group lasso.")
    units = kept.nonzero()[:, 0]
    return select_units(rnn, units), narrow(head, units, torch.ones(len(units)).to(head.weight)), units


def select_units(rnn: nn.LSTM | nn.GRU, units: Int[Tensor, " kept"]) -> nn.LSTM | nn.GRU:
    """Return a smaller module that holds only the hidden units `units` of `rnn`, with copies of their weights."""
    theirs = weights_of(rnn)
    small = type(rnn)(rnn.input_size, len(units), batch_first=rnn.batch_first).to(theirs.hh)
    ours = weights_of(small)
    rows = torch.arange(len(theirs.ih)).view(-1, rnn.hidden_size)[:, units].flatten()
    ours.ih.copy_(theirs.ih[rows])
    ours.hh.copy_(theirs.hh[rows][:, units])
    ours.bias_ih.copy_(theirs.bias_ih[rows])
    ours.bias_hh.copy_(theirs.bias_hh[rows])
    return small
