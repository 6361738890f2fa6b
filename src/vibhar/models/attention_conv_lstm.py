"""Attention-ConvLSTM (Ge et al. 2019): a spatial transformer on CNN feature maps, then a ConvLSTM.

Dimensions: B clips, T frames, C channels and H hidden channels of maps of h x w positions.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import affine_grid, grid_sample

LOCALISATION_CHANNELS = 16


class ConvLSTM(nn.Module):
    """An LSTM with convolutions in place of matrix products (Shi et al. 2015), no biases: 4 k^2 (C + H) H weights."""

    def __init__(self, channels: int, hidden: int, kernel: int = 3) -> None:
        super().__init__()
        self.input_size, self.hidden_size = channels, hidden
        self.gates = nn.Conv2d(channels + hidden, 4 * hidden, kernel, padding=kernel // 2, bias=False)

    def forward(self, x: Float[Tensor, "B T C h w"]) -> Float[Tensor, "B T H h w"]:
        """Return the hidden maps of all time steps."""
        h = c = x.new_zeros(len(x), self.hidden_size, *x.shape[-2:])
        steps = []
        for step in x.unbind(dim=1):
            i, f, g, o = self.gates(torch.cat([step, h], dim=1)).chunk(4, dim=1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            steps.append(h)
        return torch.stack(steps, dim=1)


class SpatialTransformer(nn.Module):
    """Transform each map by an affine transformation that a small network predicts; initially the identity."""

    def __init__(self, channels: int, height: int, width: int) -> None:
        super().__init__()
        affine = nn.Linear(LOCALISATION_CHANNELS * height * width, 6)
        nn.init.zeros_(affine.weight)
        affine.bias.data = torch.eye(2, 3).flatten()
        reduction = nn.Conv2d(channels, LOCALISATION_CHANNELS, 1)
        self.localisation = nn.Sequential(reduction, nn.ReLU(), nn.Flatten(), affine, nn.Unflatten(1, (2, 3)))

    def forward(self, maps: Float[Tensor, "N C h w"]) -> Float[Tensor, "N C h w"]:
        """Return the transformed maps."""
        grid = affine_grid(self.localisation(maps), list(maps.shape), align_corners=False)
        return grid_sample(maps, grid, align_corners=False)


class AttentionConvLSTM(nn.Module):
    """Maps -> 1x1 reduction -> spatial transformer -> ConvLSTM -> last or mean step -> mean over places -> linear.

    The input comes from a trunk `*_maps`: the map first; the features after it are not used. `map_shape` is (channels,
    height, width) of the map, `channels` the number after the reduction, `readout` "last" or "mean".
    """

    def __init__(
        self,
        map_shape: tuple[int, int, int],
        classes: int,
        *,
        channels: int = 256,
        hidden: int = 256,
        readout: str = "last",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.map_shape = map_shape
        self.readout = readout
        self.reduction = nn.Sequential(nn.Conv2d(map_shape[0], channels, 1), nn.ReLU())
        self.attention = SpatialTransformer(channels, *map_shape[1:])
        self.recurrent = ConvLSTM(channels, hidden)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, classes)

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B classes"]:
        """Return the logits."""
        channels, height, width = self.map_shape
        maps = x[..., : channels * height * width].unflatten(-1, self.map_shape)
        attended = self.attention(self.reduction(maps.flatten(0, 1))).unflatten(0, maps.shape[:2])
        hidden = self.recurrent(attended).mean(dim=(-2, -1))
        summary = hidden[:, -1] if self.readout == "last" else hidden.mean(dim=1)
        return self.head(self.dropout(summary))

    def penalty(self) -> Float[Tensor, ""]:
        """Return 0: this model has no penalty."""
        return torch.zeros((), device=self.head.weight.device)
