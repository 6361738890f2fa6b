"""Intrinsic sparse structures: a group lasso on all weights of a hidden unit (Wen et al. 2018; Eq 16 of the paper).

The group of unit k holds all weights that are removed with it: its rows of W_ih and W_hh in all four gates, its column
of W_hh, and its column of the layer that reads h. The four weights from k to itself count twice, as in the authors'
code.

Dimensions: B clips, T frames, D features, H hidden units, C classes.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from vibhar.compression.cells import weights_of
from vibhar.compression.pruning import NothingLeft, narrow

EPSILON = 1e-8  # keeps the gradient of the square root finite


def group_norms(rnn: nn.LSTM | nn.GRU, head: nn.Linear) -> Float[Tensor, " H"]:
    """Return the L2 norm of each hidden unit's group of weights."""
    weights = weights_of(rnn)
    rows = torch.cat([weights.ih, weights.hh], dim=1).square().sum(dim=1).view(-1, rnn.hidden_size).sum(dim=0)
    columns = weights.hh.square().sum(dim=0) + head.weight.square().sum(dim=0)
    return torch.sqrt(rows + columns + EPSILON)


@torch.no_grad()
def prune_groups(
    rnn: nn.LSTM | nn.GRU, head: nn.Linear, threshold: float
) -> tuple[nn.LSTM | nn.GRU, nn.Linear, Int[Tensor, " kept"]]:
    """Keep the units whose group norm is above `threshold`. Returns the small module, its next layer, and the units.

    Raises NothingLeft if no norm is above `threshold`.
    """
    kept = group_norms(rnn, head) > threshold
    if not kept.any():
        raise NothingLeft(f"No group has a norm above {threshold:g}. Take a smaller strength of the group lasso.")
    units = kept.nonzero()[:, 0]
    return select_units(rnn, units), narrow(head, units, torch.ones(len(units)).to(head.weight)), units


def select_units(rnn: nn.LSTM | nn.GRU, units: Int[Tensor, " kept"]) -> nn.LSTM | nn.GRU:
    """Return a smaller module that holds only the hidden units `units` of `rnn`, with copies of their weights."""
    theirs = weights_of(rnn)
    small = type(rnn)(rnn.input_size, len(units), batch_first=True).to(theirs.hh)
    ours = weights_of(small)
    rows = torch.arange(len(theirs.ih)).view(-1, rnn.hidden_size)[:, units].flatten()
    ours.ih.copy_(theirs.ih[rows])
    ours.hh.copy_(theirs.hh[rows][:, units])
    ours.bias_ih.copy_(theirs.bias_ih[rows])
    ours.bias_hh.copy_(theirs.bias_hh[rows])
    return small
