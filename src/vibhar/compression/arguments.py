"""What torch's LSTM and GRU refuse, the gated ones refuse too: torch is asked first, about one time step.

Dimensions: B examples, T time steps, D inputs, L layers times directions.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence


@torch.no_grad()
def ask_torch(rnn: nn.LSTM | nn.GRU, x: Any, hx: Any) -> torch.dtype:
    """The precision of what `rnn` gives for an input and a state, which under autocast is not that of its weights.

    Raises what `rnn` raises for them. It computes the first time step alone, which costs a T-th of the call, and draws
    no dropout, so that no random number is used up.
    """
    if isinstance(x, PackedSequence):
        check_packed_state(hx)
    training, rnn.training = rnn.training, False
    try:
        output, _ = rnn.forward(first_step(rnn, x, hx), hx)
    finally:
        rnn.training = training
    return (output.data if isinstance(output, PackedSequence) else output).dtype


def first_step(rnn: nn.LSTM | nn.GRU, x: Any, hx: Any) -> Any:
    """The first time step of `x`, with all of its axes; whatever has no time steps as it is.

    A packed sequence with a state comes whole: torch takes the parts of the state that a later step needs unchecked.
    """
    if isinstance(x, PackedSequence):
        if hx is not None or x.data.dim() == 0:
            return x
        return PackedSequence(x.data[: x.batch_sizes[0]], x.batch_sizes[:1], x.sorted_indices, x.unsorted_indices)
    if not isinstance(x, Tensor) or x.dim() not in (2, 3):
        return x
    return x[:, :1] if rnn.batch_first and x.dim() == 3 else x[:1]


def check_packed_state(hx: Any) -> None:
    """Raise RuntimeError for a state of more axes than [L, B, H], at which torch's packed LSTM ends the process."""
    for part in hx if isinstance(hx, tuple | list) else (hx,):
        if isinstance(part, Tensor) and part.dim() > 3:
            raise RuntimeError(f"For packed input, hx should be 3-D but got {part.dim()}-D tensor")
