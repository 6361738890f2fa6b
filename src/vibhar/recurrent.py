"""Recurrent layers with bottlenecks on their input and on the outputs of their gates (Eq 8 of the paper).

Dimensions: B examples, T time steps, D inputs, H hidden units. The order of the gates is torch's: i, f, g, o.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from vibhar.bottleneck import Bottleneck


class Weights(NamedTuple):
    """The parameters of one layer and direction of a torch LSTM; rows in the order of the gates."""

    ih: Float[nn.Parameter, "4H D"]
    hh: Float[nn.Parameter, "4H H"]
    bias_ih: Float[nn.Parameter, " 4H"]
    bias_hh: Float[nn.Parameter, " 4H"]


def weights_of(lstm: nn.LSTM) -> Weights:
    """The parameters themselves, not copies."""
    return Weights(*(lstm.get_parameter(f"{name}_l0") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")))


State = tuple[Float[Tensor, "1 B H"], Float[Tensor, "1 B H"]]


class Gates(NamedTuple):
    """A factor for each input and for each unit's i, f, g and o; one row an example, or one row for all of them."""

    x: Float[Tensor, "B_or_1 D"]
    i: Float[Tensor, "B_or_1 H"]
    f: Float[Tensor, "B_or_1 H"]
    g: Float[Tensor, "B_or_1 H"]
    o: Float[Tensor, "B_or_1 H"]


class VIBLSTM(nn.Module):
    """A single-layer `nn.LSTM` whose inputs and gate outputs pass through bottlenecks; called as an `nn.LSTM` is.

    In training the gates are drawn afresh at every call, an example at a time, and held over the time steps. In
    evaluation the module is the masked LSTM that `vibhar.compress.prune` makes dense (`masked_gates`).
    """

    def __init__(self, input_size: int, hidden_size: int, *, batch_first: bool = False, threshold: float = 1.0) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=batch_first)
        self.input_bottleneck = Bottleneck(input_size, threshold)
        self.gate_bottlenecks = nn.ModuleDict({gate: Bottleneck(hidden_size, threshold) for gate in "ifgo"})

    @classmethod
    def from_lstm(cls, lstm: nn.LSTM, threshold: float = 1.0) -> "VIBLSTM":
        """Bottlenecks around a copy of a trained LSTM. Raises ValueError where it is not of one layer and direction."""
        if lstm.num_layers != 1 or lstm.bidirectional or lstm.proj_size or not lstm.bias:
            raise ValueError("VIBLSTM takes an LSTM of one layer and one direction, with biases and no projection")
        vib = cls(lstm.input_size, lstm.hidden_size, batch_first=lstm.batch_first, threshold=threshold)
        vib.lstm.load_state_dict(lstm.state_dict())
        return vib

    def forward(self, x: Float[Tensor, "B T D"], state: State | None = None) -> tuple[Float[Tensor, "B T H"], State]:
        """As `nn.LSTM`: the hidden states of all steps, and the last (h, c). With batch_first off, x is [T, B, D]."""
        steps = x.transpose(0, 1) if self.lstm.batch_first else x
        gates = self.sampled_gates(steps.shape[1]) if self.training else self.masked_gates()
        if state is None:
            zeros = steps.new_zeros(1, steps.shape[1], self.lstm.hidden_size)
            state = (zeros, zeros)
        output, state = run_gated(self.lstm, steps, state, gates)
        return (output.transpose(0, 1) if self.lstm.batch_first else output), state

    def bottleneck(self, gate: str) -> Bottleneck:
        """The bottleneck on the output of gate "i", "f", "g" or "o"."""
        bottleneck = self.gate_bottlenecks[gate]
        assert isinstance(bottleneck, Bottleneck)
        return bottleneck

    def sampled_gates(self, batch: int) -> Gates:
        """z = mu + sigma * eps for every bottleneck (Eq 3)."""
        return Gates(self.input_bottleneck.sample(batch), *(self.bottleneck(gate).sample(batch) for gate in "ifgo"))

    def masked_gates(self) -> Gates:
        """The hard gates: what is cut is 0; what is kept is 1, or mu where a dense LSTM can take mu into its weights.

        That is so for the inputs (mu_x scales columns of W_ih) and for the outputs along h (mu_o scales columns of W_hh
        and of the next layer). mu_i, mu_f and mu_g act after a nonlinearity and before another: they are left at 1.
        """
        keep = self.hidden_mask().to(self.input_bottleneck.mean)
        forget = self.bottleneck("f").mask().to(keep)
        output = keep * self.bottleneck("o").mean
        inputs = self.input_bottleneck.mask() * self.input_bottleneck.mean
        return Gates(inputs[None], keep[None], forget[None], keep[None], output[None])

    def hidden_mask(self) -> Bool[Tensor, " H"]:
        """A unit is kept where its i, g and o are: without one of them h stays 0. A closed f empties its memory."""
        i, g, o = (self.bottleneck(gate).mask() for gate in "igo")
        return i & g & o

    def input_kl(self) -> Float[Tensor, ""]:
        """The information bound of the inputs (Eq 12), in nats."""
        return self.input_bottleneck.kl()

    def hidden_kl(self) -> Float[Tensor, ""]:
        """The information bound of the four gates, each counted once and not once a time step (Eq 15), in nats."""
        return torch.stack([self.bottleneck(gate).kl() for gate in "ifgo"]).sum()


def run_gated(
    lstm: nn.LSTM, x: Float[Tensor, "T B D"], state: State, gates: Gates
) -> tuple[Float[Tensor, "T B H"], State]:
    """Eq 8: the LSTM recurrence with `gates` on its input and after each gate's nonlinearity."""
    h, c = state[0][0], state[1][0]
    weights = weights_of(lstm)
    from_input = (x * gates.x) @ weights.ih.T + weights.bias_ih + weights.bias_hh
    outputs = []
    for from_x in from_input:
        i, f, g, o = (from_x + h @ weights.hh.T).chunk(4, dim=-1)
        c = gates.f * f.sigmoid() * c + gates.i * i.sigmoid() * gates.g * g.tanh()
        h = gates.o * o.sigmoid() * c.tanh()
        outputs.append(h)
    return torch.stack(outputs), (h[None], c[None])
