"""I3D: what the image network gives of still videos, its size, its two streams, and an order that it learns."""

import copy
from functools import partial

import pytest
import torch
from torch import nn
from torchvision.models import GoogLeNet, googlenet

from tests.models.toys import bumps, learned_accuracy, parameters_without_gradient
from vibhar.compression.sizes import count_parameters
from vibhar.features.cnn import build_trunk
from vibhar.models.i3d import I3D, TwoStreamI3D, inflate


@pytest.fixture(scope="module")
def network() -> GoogLeNet:
    trunk = build_trunk("googlenet", "random", seed=0)
    assert isinstance(trunk, GoogLeNet)
    trunk.transform_input = False
    return trunk


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


@torch.no_grad()
def test_a_still_video_gives_what_the_image_does(network: GoogLeNet) -> None:
    image = torch.rand(1, 3, 64, 64, dtype=torch.float64) * 2 - 1
    video_network = inflate(network).eval().double()
    video_network.avgpool = nn.AdaptiveAvgPool3d((None, 1, 1))
    steps = video_network(image[:, :, None].expand(-1, -1, 128, -1, -1)).unflatten(1, (1024, 16))
    expected = copy.deepcopy(network).double()(image)
    assert expected.std() > 0.1
    for middle in (7, 8):  # a step sees 99 frames
        torch.testing.assert_close(steps[:, :, middle], expected, atol=1e-4, rtol=0)
    assert not torch.allclose(steps[:, :, 0], expected, atol=1e-2)  # it sees zeros before the video


@torch.no_grad()
def test_channels_of_flow_have_the_mean_weights_of_the_colours(network: GoogLeNet) -> None:
    grey = torch.rand(1, 1, 8, 32, 32)
    rgb, flow = inflate(network).conv1.conv, inflate(network, channels=2).conv1.conv
    torch.testing.assert_close(flow(grey.repeat(1, 2, 1, 1, 1)) / 2, rgb(grey.repeat(1, 3, 1, 1, 1)) / 3)
    assert network.conv1.conv.weight.shape[1] == 3


def test_the_scaling_is_that_of_i3d_whatever_the_network_s_was(network: GoogLeNet) -> None:
    assert not inflate(googlenet(init_weights=False, aux_logits=False, transform_input=True)).transform_input


def test_the_sizes_of_the_paper() -> None:
    with torch.device("meta"):
        image_network = googlenet(init_weights=False, aux_logits=False)
        rgb, flow = (I3D(image_network, (channels, 224, 224), classes=101) for channels in (3, 2))
    trunk = 12_287_264
    assert count_parameters(rgb.parameters()) == trunk + 101 * 1025 == 12_390_789
    assert count_parameters(flow.parameters()) == 12_390_789 - 64 * 7**3
    assert count_parameters(TwoStreamI3D(rgb, flow).parameters()) == 24_759_626  # the paper: 25M


@pytest.mark.parametrize(("frames", "size"), [(6, 48), (16, 64), (7, 33)])
@torch.no_grad()
def test_it_takes_small_videos_of_any_size(network: GoogLeNet, frames: int, size: int) -> None:
    rgb, flow = (I3D(network, (channels, size, size), classes=4).eval() for channels in (3, 2))
    x = torch.rand(2, frames, 5 * size**2)
    pixels = 3 * size**2
    logits = TwoStreamI3D(rgb, flow)(x)
    assert logits.shape == (2, 4)
    torch.testing.assert_close(logits, (rgb(x[..., :pixels]) + flow(x[..., pixels:])) / 2)


def test_every_parameter_is_reached(network: GoogLeNet) -> None:
    model = I3D(network, (2, 32, 32), classes=3)
    assert parameters_without_gradient(model, torch.randn(4, 8, 2 * 32 * 32)) == []
    assert model.penalty() == 0
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_it_learns_an_order(network: GoogLeNet) -> None:
    draw = partial(bumps, frames=8, dim=3 * 32 * 32, bump=slice(None))
    assert learned_accuracy(I3D(network, (3, 32, 32), classes=2), draw, epochs=4, rate=1e-3) > 0.9
