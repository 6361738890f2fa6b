"""Two-Stream LSTM: its streams, its size, and an order that it learns from either stream."""

from functools import partial

import pytest
import torch
from torchvision.models import vgg16

from tests.models.toys import bumps, learned_accuracy, parameters_without_gradient
from vibhar.compression.sizes import count_linear_parameters, count_lstm_parameters, count_parameters
from vibhar.models.two_stream_lstm import TwoStreamLSTM


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def test_every_parameter_is_reached() -> None:
    model = TwoStreamLSTM(8, 5, classes=3, units=4)
    x = torch.randn(2, 6, 13)
    assert model(x).shape == (2, 3)
    assert model.penalty() == 0
    assert parameters_without_gradient(model, x) == []


@pytest.mark.parametrize(("deaf", "unheard"), [(slice(0, 4), slice(0, 8)), (slice(4, 8), slice(8, 13))])
@torch.no_grad()
def test_each_stream_sees_its_own_part(deaf: slice, unheard: slice) -> None:
    model = TwoStreamLSTM(8, 5, classes=3, units=4)
    model.fusion.get_parameter("weight_ih_l0")[:, deaf] = 0
    x = torch.randn(2, 6, 13)
    logits = model(x)
    x[..., unheard] += 1
    torch.testing.assert_close(model(x), logits)
    x += 1
    assert not torch.allclose(model(x), logits)


def test_the_size_on_vgg_16() -> None:
    with torch.device("meta"):
        assert count_parameters(vgg16(num_classes=11).parameters()) == 134_305_611  # the paper: 134.3M
        model = TwoStreamLSTM(512, 4096, classes=11)
    lstms = count_lstm_parameters(512, 256) + count_lstm_parameters(4096, 256) + count_lstm_parameters(512, 256)
    assert lstms == 6_035_456  # the paper: 5.9M
    assert count_parameters(model.parameters()) == lstms + count_linear_parameters(256, 11)


@pytest.mark.parametrize("bump", [slice(0, 2), slice(8, 10)])
def test_it_learns_an_order_from_either_stream(bump: slice) -> None:
    draw = partial(bumps, frames=6, dim=13, bump=bump)
    assert learned_accuracy(TwoStreamLSTM(8, 5, classes=2, units=8), draw, epochs=15, rate=2e-2) > 0.95
