"""An LSTM with a tensorised input-to-hidden matrix: a baseline of Tables 1 to 3.

Dimensions: B examples, T time steps, D inputs, H hidden units.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from vibhar.compression.arguments import ask_torch
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
        self, input: Float[Tensor, "B T D"], hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Float[Tensor, "B T H"], tuple[Tensor, Tensor]]:
        """Return the hidden states of all steps, and the last (h, c), each [1, B, H]. Raises as torch's LSTM does."""
        self.check(input, hx)
        if input.dim() == 2:
            batched = None if hx is None else (hx[0][:, None], hx[1][:, None])
            output, (h, c) = self.forward(input[None], batched)
            return output[0], (h[:, 0], c[:, 0])
        from_x = self.input_map(input.transpose(0, 1)) + self.bias_ih
        zeros = from_x.new_zeros(1, len(input), self.hidden_size)
        h, c = (zeros, zeros) if hx is None else hx
        open_gates = dict.fromkeys("ifgo", from_x.new_ones(1, 1))
        output, (h, c) = run_cell(from_x, self.weight_hh, self.bias_hh, lstm_step, (h[0], c[0]), open_gates)
        return output.transpose(0, 1), (h[None], c[None])

    def check(self, x: Any, hx: Any) -> None:
        """Raise what torch's LSTM raises: one of as many units and of one input is asked in its place."""
        plain = nn.LSTM(1, self.hidden_size, batch_first=True, device="meta", dtype=self.weight_hh.dtype)
        plain.to_empty(device=self.weight_hh.device)  # its weights are never drawn, and their values do not matter
        fits = not isinstance(x, Tensor) or x.dim() == 0 or x.shape[-1] == self.input_size
        try:
            ask_torch(plain, x[..., : int(fits)] if isinstance(x, Tensor) and x.dim() else x, hx)
        except RuntimeError as error:
            if fits:
                raise
            size = f"Expected {self.input_size}, got {x.shape[-1]}"
            raise RuntimeError(f"input.size(-1) must be equal to input_size. {size}") from error
