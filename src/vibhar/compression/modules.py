"""VIBLSTM and VIBGRU: torch's recurrent modules with bottlenecks on their input and on their gates' outputs.

Dimensions: B examples, T time steps, D inputs, H hidden units, L layers times directions.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from vibhar.compression.arguments import ask_torch
from vibhar.compression.cells import State, Step, gru_step, lstm_step, run, weights_of
from vibhar.compression.gates import GRU_GATES, LSTM_GATES, GateBottlenecks

Sequence = Float[Tensor, "B T D"] | Float[Tensor, "T D"] | PackedSequence


class VIBLSTM(nn.Module):
    """An `nn.LSTM` whose inputs and gate outputs pass through bottlenecks; made and called as an `nn.LSTM` is.

    What an `nn.LSTM` refuses, of arguments, inputs and states, is refused with the same error (`ask_torch`).
    In training the gates are drawn at every call and held over the time steps; the batch shares the draw, and `noise`
    ("sequence", "example", "once") says otherwise (`Bottleneck`). In evaluation the module is the masked LSTM that
    `vibhar.prune` makes dense, with mu where that can take it or by the mask alone: `evaluation` is "mean" or "mask"
    (`GateBottlenecks.masked`). Raises ValueError for an unknown `noise` or `evaluation`, a threshold that is not above
    0, and for options that have no bottlenecks yet: proj_size, and bias=False.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *positional: Any,
        threshold: float = 1.0,
        noise: str = "sequence",
        evaluation: str = "mean",
        **options: Any,
    ) -> None:
        super().__init__()
        self.rnn = nn.LSTM(input_size, hidden_size, *positional, **options)
        self.bottlenecks = bottlenecks_for(self.rnn, threshold=threshold, noise=noise, evaluation=evaluation)

    @classmethod
    def from_lstm(cls, lstm: nn.LSTM, **gates: Any) -> "VIBLSTM":
        """Bottlenecks around a copy of a trained LSTM, on its device and in its precision.

        `gates` are `threshold`, `noise` and `evaluation`. Raises TypeError for another module.
        """
        if not isinstance(lstm, nn.LSTM):
            raise TypeError(f"from_lstm takes an nn.LSTM, not {type(lstm).__name__}")
        check_options(lstm)
        vib = cls(lstm.input_size, lstm.hidden_size, **gates, **options_of(lstm)).to(weights_of(lstm).ih)
        vib.rnn.load_state_dict(lstm.state_dict())
        return vib.train(lstm.training)

    def forward(self, input: Sequence, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Any, tuple[Tensor, Tensor]]:
        """As `nn.LSTM`: the hidden states of all steps, and the last (h, c), each [L, B, H]; raises what it raises."""
        dtypes = ask_torch(self.rnn, input, hx)
        state = None if hx is None else (hx[0], hx[1])
        output, (h, c) = run_gated(self.rnn, lstm_step, self.bottlenecks, input, state, dtypes)
        return output, (h, c)

    def kl(self) -> Float[Tensor, ""]:
        """The information bound of all bottlenecks (Eq 15 with one beta), in nats."""
        return self.bottlenecks.input_kl() + self.bottlenecks.hidden_kl()


class VIBGRU(nn.Module):
    """An `nn.GRU` whose inputs and outputs of r, z and n pass through bottlenecks; made and called as an `nn.GRU` is.

    Since h = (1 - z) n + z h, a unit whose n is cut stays 0 and is cut as a whole. The gates work as in VIBLSTM, in
    training and in evaluation. Raises ValueError for an unknown `noise` or `evaluation`, and for bias=False.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *positional: Any,
        threshold: float = 1.0,
        noise: str = "sequence",
        evaluation: str = "mean",
        **options: Any,
    ) -> None:
        super().__init__()
        self.rnn = nn.GRU(input_size, hidden_size, *positional, **options)
        self.bottlenecks = bottlenecks_for(self.rnn, threshold=threshold, noise=noise, evaluation=evaluation)

    @classmethod
    def from_gru(cls, gru: nn.GRU, **gates: Any) -> "VIBGRU":
        """Bottlenecks around a copy of a trained GRU, on its device and in its precision.

        `gates` are `threshold`, `noise` and `evaluation`. Raises TypeError for another module.
        """
        if not isinstance(gru, nn.GRU):
            raise TypeError(f"from_gru takes an nn.GRU, not {type(gru).__name__}")
        check_options(gru)
        vib = cls(gru.input_size, gru.hidden_size, **gates, **options_of(gru)).to(weights_of(gru).ih)
        vib.rnn.load_state_dict(gru.state_dict())
        return vib.train(gru.training)

    def forward(self, input: Sequence, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        """As `nn.GRU`: the hidden states of all steps, and the last h [L, B, H]; raises what it raises."""
        dtypes = ask_torch(self.rnn, input, hx)
        output, (h,) = run_gated(self.rnn, gru_step, self.bottlenecks, input, None if hx is None else (hx,), dtypes)
        return output, h

    def kl(self) -> Float[Tensor, ""]:
        """The information bound of all bottlenecks (Eq 15 with one beta), in nats."""
        return self.bottlenecks.input_kl() + self.bottlenecks.hidden_kl()


def check_options(rnn: nn.LSTM | nn.GRU) -> None:
    """Raise ValueError for a module with a projection or without biases: bottlenecks do not support these."""
    if rnn.proj_size or not rnn.bias:
        raise ValueError("bottlenecks are for recurrent modules with biases and without a projection (proj_size)")


def options_of(rnn: nn.LSTM | nn.GRU) -> dict[str, Any]:
    """Return the keyword arguments, all but the sizes, that make a module like `rnn`."""
    return {name: getattr(rnn, name) for name in ("num_layers", "batch_first", "dropout", "bidirectional")}


def bottlenecks_for(rnn: nn.LSTM | nn.GRU, **gates: Any) -> GateBottlenecks:
    """Return open bottlenecks for the inputs and all cells of `rnn`, on its device and in its precision."""
    check_options(rnn)
    names = LSTM_GATES if isinstance(rnn, nn.LSTM) else GRU_GATES
    cells = rnn.num_layers * (2 if rnn.bidirectional else 1)
    return GateBottlenecks(rnn.input_size, rnn.hidden_size, cells, names, **gates).to(weights_of(rnn).ih)


def run_gated(
    rnn: nn.LSTM | nn.GRU,
    step: Step,
    bottlenecks: GateBottlenecks,
    x: Sequence,
    state: State | None,
    dtypes: list[torch.dtype],
) -> tuple[Any, State]:
    """Run `rnn` with its gates on any input that torch's modules accept: a batch, a single or a packed sequence."""
    if isinstance(x, PackedSequence):
        return run_packed(rnn, step, bottlenecks, x, state, dtypes)
    if x.dim() == 2:
        batch = 0 if rnn.batch_first else 1
        batched = None if state is None else tuple(part[:, None] for part in state)
        output, state = run_gated(rnn, step, bottlenecks, x.unsqueeze(batch), batched, dtypes)
        return output.squeeze(batch), tuple(part[:, 0] for part in state)
    steps = x.transpose(0, 1) if rnn.batch_first else x
    output, state = run_steps(rnn, step, bottlenecks, steps, state)
    output = output.transpose(0, 1) if rnn.batch_first else output
    return output.to(dtypes[0]), tuple(part.to(dtype) for part, dtype in zip(state, dtypes[1:], strict=True))


def run_packed(
    rnn: nn.LSTM | nn.GRU,
    step: Step,
    bottlenecks: GateBottlenecks,
    x: PackedSequence,
    state: State | None,
    dtypes: list[torch.dtype],
) -> tuple[PackedSequence, State]:
    """Run `rnn` with its gates on sequences of different lengths; the output is packed as the input is."""
    steps, lengths = pad_packed_sequence(PackedSequence(x.data, x.batch_sizes))
    valid = (torch.arange(len(steps))[:, None] < lengths)[..., None].to(steps.device)
    first = None if state is None else tuple(in_order(part, x.sorted_indices) for part in state)
    output, last = run_steps(rnn, step, bottlenecks, steps, first, valid)
    packed = pack_padded_sequence(output.to(dtypes[0]), lengths)
    state = tuple(in_order(part.to(dtype), x.unsorted_indices) for part, dtype in zip(last, dtypes[1:], strict=True))
    return PackedSequence(packed.data, packed.batch_sizes, x.sorted_indices, x.unsorted_indices), state


def in_order(part: Float[Tensor, "L B H"], order: Tensor | None) -> Float[Tensor, "L B H"]:
    """A state with its examples in another order, or in the same."""
    return part if order is None else part.index_select(1, order)


def run_steps(
    rnn: nn.LSTM | nn.GRU,
    step: Step,
    bottlenecks: GateBottlenecks,
    x: Float[Tensor, "T B D"],
    state: State | None,
    valid: Tensor | None = None,
) -> tuple[Float[Tensor, "T B H_out"], State]:
    """Draw the gates (training) or mask them (evaluation), and run; the initial state of cut units is set to 0."""
    batch = x.shape[1]
    if state is None:
        zeros = x.new_zeros(len(bottlenecks.cells), batch, rnn.hidden_size)
        state = (zeros,) * (2 if isinstance(rnn, nn.LSTM) else 1)
    state = tuple(part.to(weights_of(rnn).hh.dtype) for part in state)  # torch's bfloat16 LSTM takes c in float32
    if rnn.training:
        return run(rnn, step, x, state, bottlenecks.sampled(batch), valid)
    kept = torch.stack([bottlenecks.kept(cell) for cell in range(len(bottlenecks.cells))])[:, None]
    return run(rnn, step, x, tuple(part * kept for part in state), bottlenecks.masked(), valid)
