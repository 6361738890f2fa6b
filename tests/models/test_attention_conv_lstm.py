"""Attention-ConvLSTM: its cell against a plain LSTM, its window, its size, and an order that it learns."""

from functools import partial

import pytest
import torch
from torch import nn

from tests.models.toys import bumps, learned_accuracy, parameters_without_gradient
from vibhar.compression.sizes import count_convolutional_lstm_parameters, count_parameters
from vibhar.models.attention_conv_lstm import AttentionConvLSTM, ConvLSTM, SpatialTransformer


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize("readout", ["last", "mean"])
def test_every_parameter_is_reached(readout: str) -> None:
    model = AttentionConvLSTM((3, 4, 5), classes=2, channels=6, hidden=7, readout=readout)
    x = torch.randn(2, 5, 60)
    assert model(x).shape == (2, 2)
    assert model.penalty() == 0
    assert parameters_without_gradient(model, x) == []
    features = torch.randn(2, 5, 9)
    assert torch.equal(model(torch.cat([x, features], dim=-1)), model(x))  # what comes after the map


def test_on_one_place_the_cell_is_torch_s_lstm() -> None:
    cell, lstm = ConvLSTM(3, 5), nn.LSTM(3, 5, bias=False, batch_first=True)
    middle = cell.gates.weight.detach()[:, :, 1, 1]
    lstm.load_state_dict({"weight_ih_l0": middle[:, :3], "weight_hh_l0": middle[:, 3:]})
    x = torch.randn(2, 6, 3)
    torch.testing.assert_close(cell(x[..., None, None])[..., 0, 0], lstm(x)[0])


def test_a_hidden_map_spreads_by_a_place_a_step() -> None:
    x = torch.zeros(1, 3, 1, 1, 9)
    x[0, 0, 0, 0, 4] = 1
    reached = ConvLSTM(1, 2)(x).abs().sum(dim=(2, 3))[0] > 0
    assert reached.sum(dim=1).tolist() == [3, 5, 7]


def test_the_window_is_at_first_the_whole_map_and_can_move() -> None:
    transformer = SpatialTransformer(2, 5, 5)
    maps = torch.randn(3, 2, 5, 5)
    torch.testing.assert_close(transformer(maps), maps)
    affine = transformer.localisation[3]
    assert isinstance(affine, nn.Linear)
    affine.bias.data[2] = 2 / 5  # one place to the right, of a map that is 2 wide
    torch.testing.assert_close(transformer(maps)[..., :4], maps[..., 1:])


def test_the_size_of_the_paper() -> None:
    assert count_convolutional_lstm_parameters(256, 256) == 4_718_592  # the paper: 4.72M
    with torch.device("meta"):
        model = AttentionConvLSTM((1024, 7, 7), classes=11)
    assert count_parameters(model.recurrent.parameters()) == 4_718_592


def test_it_learns_an_order() -> None:
    draw = partial(bumps, frames=6, dim=2 * 9, bump=slice(0, 3))
    model = AttentionConvLSTM((2, 3, 3), classes=2, channels=4, hidden=6)
    assert learned_accuracy(model, draw, epochs=15, rate=2e-2) > 0.95
