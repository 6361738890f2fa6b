"""I3D (Carreira and Zisserman 2017): Inception-v1 for images, inflated to videos, and two streams of it.

Dimensions: B clips, T frames, c channels (3 of RGB, 2 of flow), h x w pixels, C classes.
"""

import copy
import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torchvision.models import GoogLeNet

RGB = 3
FLAT_POOLS = ("maxpool1", "maxpool2")  # size 1 in time; all other layers are as long in time as they are wide


class I3D(nn.Module):
    """One stream: videos of `shape` (channels, height, width), scaled to -1 .. 1 -> inflated GoogLeNet -> logits.

    The trunk starts with the weights of `googlenet`, which is built without auxiliary heads and is not changed; the
    last layer is new. The channels of a pixel are side by side, as in the trunk `pixels`. Any size is possible: the
    last blocks see an eighth of the frames and a 32nd of the height and width.
    """

    def __init__(
        self, googlenet: GoogLeNet, shape: tuple[int, int, int], classes: int, *, dropout: float = 0.5
    ) -> None:
        super().__init__()
        self.shape = shape
        self.network = inflate(googlenet, shape[0])
        self.network.dropout = nn.Dropout(dropout)
        self.network.fc = nn.Linear(1024, classes)

    def forward(self, x: Float[Tensor, "B T h*w*c"]) -> Float[Tensor, "B C"]:
        """Return the logits, averaged over time."""
        channels, height, width = self.shape
        return self.network(x.unflatten(-1, (height, width, channels)).permute(0, 4, 1, 2, 3))

    def penalty(self) -> Float[Tensor, ""]:
        """Return 0: this model has no penalty."""
        return torch.zeros((), device=self.network.fc.weight.device)


class TwoStreamI3D(nn.Module):
    """The mean logits of an RGB and a flow stream, which are trained separately; frames are [RGB, flow]."""

    def __init__(self, rgb: I3D, flow: I3D) -> None:
        super().__init__()
        self.rgb = rgb
        self.flow = flow

    def forward(self, x: Float[Tensor, "B T h*w*5"]) -> Float[Tensor, "B C"]:
        """Return the logits."""
        rgb, flow = x.split([math.prod(self.rgb.shape), math.prod(self.flow.shape)], dim=-1)
        return (self.rgb(rgb) + self.flow(flow)) / 2

    def penalty(self) -> Float[Tensor, ""]:
        """Return 0: this model has no penalty."""
        return self.rgb.penalty() + self.flow.penalty()


def inflate(googlenet: GoogLeNet, channels: int = RGB) -> GoogLeNet:
    """Return a copy of torchvision's network that takes videos [B, channels, T, h, w], scaled to -1 .. 1.

    For a video that repeats one image, each time step returns the same as the image, except near the ends. If the
    channels are not RGB, each gets the mean of the first layer's weights. The last pooling is also over time, which
    equals the mean of the logits over time.
    """
    network = copy.deepcopy(googlenet)
    network.transform_input = False  # it converts ImageNet's scaling to -1 .. 1; the input is -1 .. 1 already
    if channels != RGB:
        network.conv1.conv = mix_colours(network.conv1.conv, channels)
    for path, layer in list(network.named_modules()):
        inflated = inflate_layer(layer, time=1 if path in FLAT_POOLS else None)
        if inflated is not None:
            network.set_submodule(path, inflated)
    return network


def inflate_layer(layer: nn.Module, *, time: int | None) -> nn.Module | None:
    """Return the layer with a time axis, None if it needs none. `time` is the size and stride of a pool in time."""
    match layer:
        case nn.Conv2d():
            return inflate_convolution(layer)
        case nn.BatchNorm2d():
            norm = nn.BatchNorm3d(layer.num_features, layer.eps)
            norm.load_state_dict(layer.state_dict())
            return norm
        case nn.MaxPool2d(kernel_size=int(size), stride=int(stride), padding=int(padding)):
            sizes, strides = (time or size, size, size), (time or stride, stride, stride)
            return nn.MaxPool3d(sizes, strides, padding, ceil_mode=True)
        case nn.AdaptiveAvgPool2d():
            return nn.AdaptiveAvgPool3d(1)
    return None


@torch.no_grad()
def inflate_convolution(flat: nn.Conv2d) -> nn.Conv3d:
    """Return the convolution as long in time as it is high, with its weights divided by the number of steps."""
    size, stride, padding = ((n[0], *n) for n in (flat.kernel_size, flat.stride, flat.padding))
    inflated = nn.Conv3d(flat.in_channels, flat.out_channels, size, stride, padding, bias=False)
    inflated.weight.copy_(flat.weight[:, :, None] / size[0])
    return inflated


def mix_colours(first: nn.Conv2d, channels: int) -> nn.Conv2d:
    """Return the first convolution for another number of channels, each with the mean of the RGB weights."""
    mixed = copy.deepcopy(first)
    mixed.in_channels = channels
    mixed.weight = nn.Parameter(first.weight.detach().mean(dim=1, keepdim=True).repeat(1, channels, 1, 1))
    return mixed
