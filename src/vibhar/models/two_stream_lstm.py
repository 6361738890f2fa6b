"""Two-Stream LSTM (Gammulle et al. 2017, fusion "fu-2"): one LSTM on CNN maps, one on features.

Dimensions: B clips, T frames, M values of the map, F features, C classes.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class TwoStreamLSTM(nn.Module):
    """[map, features] -> an LSTM each -> their hidden states side by side -> a third LSTM, its last state -> linear.

    The input comes from a trunk `*_maps`, with the map first. Both streams see the same RGB frames; none sees flow.
    """

    def __init__(self, map_dim: int, feature_dim: int, classes: int, *, units: int = 256, dropout: float = 0.0) -> None:
        super().__init__()
        self.dims = (map_dim, feature_dim)
        self.input_size, self.hidden_size = map_dim + feature_dim, units
        self.map_stream = nn.LSTM(map_dim, units, batch_first=True)
        self.feature_stream = nn.LSTM(feature_dim, units, batch_first=True)
        self.fusion = nn.LSTM(2 * units, units, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(units, classes)

    def forward(self, x: Float[Tensor, "B T M+F"]) -> Float[Tensor, "B C"]:
        """Return the logits."""
        maps, features = x.split(self.dims, dim=-1)
        streams = self.map_stream(maps)[0], self.feature_stream(features)[0]
        hidden, _ = self.fusion(torch.cat(streams, dim=-1))
        return self.head(self.dropout(hidden[:, -1]))

    def penalty(self) -> Float[Tensor, ""]:
        """Return 0: this model has no penalty."""
        return torch.zeros((), device=self.head.weight.device)
