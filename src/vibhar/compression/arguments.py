"""Refuse the inputs and states that torch's LSTM and GRU refuse, with the same errors: torch is asked first.

Dimensions: B examples, T time steps, D inputs, H hidden units, L layers times directions.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence


@torch.no_grad()
def ask_torch(rnn: nn.LSTM | nn.GRU, x: Any, hx: Any) -> list[torch.dtype]:
    """The precisions of the output and the state that `rnn` gives, which under autocast are not those of its weights.

    Raises what `rnn` raises for them. It computes the first time step alone, of a packed sequence all, and draws no
    dropout, so that no random number is used up.
    """
    if isinstance(x, PackedSequence) and isinstance(rnn, nn.LSTM):
        check_packed(rnn, x, hx)
    training, rnn.training = rnn.training, False
    try:
        output, state = rnn.forward(first_step(rnn, x), hx)
    finally:
        rnn.training = training
    values = output.data if isinstance(output, PackedSequence) else output
    return [part.dtype for part in (values, *(state if isinstance(rnn, nn.LSTM) else (state,)))]


def first_step(rnn: nn.LSTM | nn.GRU, x: Any) -> Any:
    """The first time step of a batch or of a single sequence, with all of its axes; anything else as it is."""
    if not isinstance(x, Tensor) or x.dim() not in (2, 3):
        return x
    return x[:, :1] if rnn.batch_first and x.dim() == 3 else x[:1]


def check_packed(rnn: nn.LSTM, x: PackedSequence, hx: Any) -> None:
    """Raise torch's errors for a packed sequence and a state of other sizes, which torch's LSTM alone does not check.

    It raises what it meets on its way, takes a cell state of one example for all, or reads beyond the memory. What is
    no pair of tensors is left to torch.
    """
    state = () if hx is None else rnn.permute_hidden(hx, x.sorted_indices)
    if hx is not None and not is_pair(state):
        return
    size = rnn.get_expected_cell_size(x.data, x.batch_sizes)
    for name, part in zip(("hidden[0]", "hidden[1]"), state, strict=False):
        if part.dim() < 3:
            raise IndexError(f"For packed input, {name} should be 3-D but got {part.dim()}-D tensor")
        rnn.check_hidden_size(part, size, f"Expected {name} size {{}}, got {{}}")
    if x.data.dim() != 2 or x.data.shape[1] != rnn.input_size:
        raise RuntimeError(f"packed input must be [steps of all sequences, {rnn.input_size}], got {list(x.data.shape)}")


def is_pair(state: Any) -> bool:
    """Whether it is (h, c), whatever their sizes."""
    return isinstance(state, tuple | list) and len(state) == 2 and all(isinstance(part, Tensor) for part in state)
