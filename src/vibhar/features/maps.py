"""Make a CNN trunk return its last feature map before its features, for models that use positions.

Dimensions: B images, C channels, H x W places of the map, h x w of the grid that it is averaged to, D features.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d


class FeatureMap(NamedTuple):
    """The layer of a network that gives its last map, and the shape to which the map is averaged."""

    layer: str
    channels: int
    height: int
    width: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width)."""
        return self.channels, self.height, self.width

    @property
    def dim(self) -> int:
        """The number of values of the map: the first ones that the trunk returns."""
        return self.channels * self.height * self.width


def prepend_map(trunk: nn.Module, feature_map: FeatureMap) -> None:
    """Make `trunk` return its map before its features, by hooks, so that the keys of its weights stay the same."""
    maps: list[Float[Tensor, "B C H W"]] = []

    def keep(layer: nn.Module, inputs: Any, output: Float[Tensor, "B C H W"]) -> None:
        maps.append(output)

    def prepend(trunk: nn.Module, inputs: Any, features: Float[Tensor, "B D"]) -> Float[Tensor, "B C*h*w+D"]:
        grid = adaptive_avg_pool2d(maps.pop(), (feature_map.height, feature_map.width))
        return torch.cat([grid.flatten(1), features], dim=1)

    trunk.get_submodule(feature_map.layer).register_forward_hook(keep)
    trunk.register_forward_hook(prepend)
