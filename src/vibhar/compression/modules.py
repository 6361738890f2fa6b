"""VIBLSTM and VIBGRU: torch's recurrent modules with bottlenecks on their input and on their gates' outputs.

Dimensions: B examples, T time steps, D inputs, H hidden units, L layers times directions.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from vibhar.compression.cells import State, Step, gru_step, lstm_step, run, weights_of
from vibhar.compression.gates import GRU_GATES, LSTM_GATES, GateBottlenecks

Sequence = Float[Tensor, "B T D"] | Float[Tensor, "T D"] | PackedSequence


class VIBLSTM(nn.Module):
    """An `nn.LSTM` whose inputs and gate outputs pass through bottlenecks; made and called as an `nn.LSTM` is.

    In training mode the gates are drawn at every call and stay the same over the time steps. `noise` says whether
    all examples share the draw: "sequence" (they do), "example" (each has its own), or "once" (see `Bottleneck`).
    In evaluation mode the module computes the masked LSTM that `vibhar.prune` makes dense. `evaluation` says whether
    kept units are multiplied by mu ("mean") or by 1 ("mask"); see `GateBottlenecks.masked`. Raises ValueError for an
    unknown `noise` or `evaluation`, and for the options that bottlenecks do not support: proj_size, and bias=False.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        threshold: float = 1.0,
        noise: str = "sequence",
        evaluation: str = "mean",
        **options: Any,
    ) -> None:
        super().__init__()
        self.rnn = nn.LSTM(input_size, hidden_size, **options)
        self.bottlenecks = bottlenecks_for(self.rnn, threshold=threshold, noise=noise, evaluation=evaluation)

    @classmethod
    def from_lstm(cls, lstm: nn.LSTM, **gates: Any) -> "VIBLSTM":
        """Bottlenecks around a copy of a trained LSTM, on its device and in its precision.

        `gates` are `threshold`, `noise` and `evaluation`.
        """
        check_options(lstm)
        vib = cls(lstm.input_size, lstm.hidden_size, **gates, **options_of(lstm)).to(weights_of(lstm).ih)
        vib.rnn.load_state_dict(lstm.state_dict())
        return vib.train(lstm.training)

    def forward(self, x: Sequence, state: tuple[Tensor, Tensor] | None = None) -> tuple[Any, tuple[Tensor, Tensor]]:
        """As `nn.LSTM`: the hidden states of all steps, and the last (h, c), each [L, B, H]."""
        output, (h, c) = run_gated(self.rnn, lstm_step, self.bottlenecks, x, state)
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
        *,
        threshold: float = 1.0,
        noise: str = "sequence",
        evaluation: str = "mean",
        **options: Any,
    ) -> None:
        super().__init__()
        self.rnn = nn.GRU(input_size, hidden_size, **options)
        self.bottlenecks = bottlenecks_for(self.rnn, threshold=threshold, noise=noise, evaluation=evaluation)

    @classmethod
    def from_gru(cls, gru: nn.GRU, **gates: Any) -> "VIBGRU":
        """Bottlenecks around a copy of a trained GRU, on its device and in its precision.

        `gates` are `threshold`, `noise` and `evaluation`.
        """
        check_options(gru)
        vib = cls(gru.input_size, gru.hidden_size, **gates, **options_of(gru)).to(weights_of(gru).ih)
        vib.rnn.load_state_dict(gru.state_dict())
        return vib.train(gru.training)

    def forward(self, x: Sequence, state: Tensor | None = None) -> tuple[Any, Tensor]:
        """As `nn.GRU`: the hidden states of all steps, and the last h [L, B, H]."""
        output, (h,) = run_gated(self.rnn, gru_step, self.bottlenecks, x, None if state is None else (state,))
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
    rnn: nn.LSTM | nn.GRU, step: Step, bottlenecks: GateBottlenecks, x: Sequence, state: State | None
) -> tuple[Any, State]:
    """Run `rnn` with its gates on any input that torch's modules accept: a batch, a single or a packed sequence."""
    if isinstance(x, PackedSequence):
        return run_packed(rnn, step, bottlenecks, x, state)
    if x.dim() == 2:
        batch = 0 if rnn.batch_first else 1
        batched = None if state is None else tuple(part[:, None] for part in state)
        output, state = run_gated(rnn, step, bottlenecks, x.unsqueeze(batch), batched)
        return output.squeeze(batch), tuple(part[:, 0] for part in state)
    steps = x.transpose(0, 1) if rnn.batch_first else x
    output, state = run_steps(rnn, step, bottlenecks, steps, state)
    return (output.transpose(0, 1) if rnn.batch_first else output), state


def run_packed(
    rnn: nn.LSTM | nn.GRU, step: Step, bottlenecks: GateBottlenecks, x: PackedSequence, state: State | None
) -> tuple[PackedSequence, State]:
    """Run `rnn` with its gates on sequences of different lengths; the output is packed as the input is."""
    steps, lengths = pad_packed_sequence(x)
    valid = (torch.arange(len(steps))[:, None] < lengths)[..., None].to(steps.device)
    output, state = run_steps(rnn, step, bottlenecks, steps, state, valid)
    if x.sorted_indices is not None:
        output, lengths = output[:, x.sorted_indices], lengths[x.sorted_indices.cpu()]
    packed = pack_padded_sequence(output, lengths)
    return PackedSequence(packed.data, packed.batch_sizes, x.sorted_indices, x.unsorted_indices), state


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
    if rnn.training:
        return run(rnn, step, x, state, bottlenecks.sampled(batch), valid)
    kept = torch.stack([bottlenecks.kept(cell) for cell in range(len(bottlenecks.cells))])[:, None]
    return run(rnn, step, x, tuple(part * kept for part in state), bottlenecks.masked(), valid)
