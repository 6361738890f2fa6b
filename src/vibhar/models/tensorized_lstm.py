"""An LSTM with a tensorised input-to-hidden matrix: a baseline of Tables 1 to 3.

Dimensions: B examples, T time steps, D inputs, H hidden units.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from vibhar.compression.cells import lstm_step, run_cell
from vibhar.models.tensor_maps import TensorNetwork


class TensorizedLSTM(nn.Module):
    """An LSTM whose input-to-hidden map, D to 4H, is `input_map`; called like `nn.LSTM(batch_first=True)`.

    The hidden-to-hidden matrix is dense, and the biases are torch's two vectors: 4H^2 + 8H parameters beside the map's.
    Raises ValueError if the map does not have 4H outputs.
    """

    def __init__(self, input_map: TensorNetwork, hidden_size: int) -> None:
        super().__init__()
        if input_map.out_features != 4 * hidden_size:
            raise ValueError(f"the map has {input_map.out_features} outputs, not 4 x {hidden_size}, one for each gate")
        self.input_map = input_map
        self.input_size, self.hidden_size = input_map.in_features, hidden_size
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size))
        self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size))
        for parameter in (self.weight_hh, self.bias_ih, self.bias_hh):
            nn.init.uniform_(parameter, -(hidden_size**-0.5), hidden_size**-0.5)  # as torch's LSTM

    def forward(
        self, x: Float[Tensor, "B T D"], state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Float[Tensor, "B T H"], tuple[Tensor, Tensor]]:
        """Return the hidden states of all steps, and the last (h, c), each [1, B, H]."""
        from_x = self.input_map(x.transpose(0, 1)) + self.bias_ih
        zeros = from_x.new_zeros(1, len(x), self.hidden_size)
        h, c = state or (zeros, zeros)
        open_gates = dict.fromkeys("ifgo", from_x.new_ones(1, 1))
        output, (h, c) = run_cell(from_x, self.weight_hh, self.bias_hh, lstm_step, (h[0], c[0]), open_gates)
        return output.transpose(0, 1), (h[None], c[None])
