"""Temporal segments: their norms, their maxima, fewer inputs, and the classifiers that they stand before."""

from functools import partial
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.compression.gates import random_gates
from tests.models.toys import bumps, learned_accuracy, parameters_without_gradient
from vibhar.compression.modules import VIBGRU, VIBLSTM
from vibhar.compression.sizes import count_linear_parameters, count_lstm_parameters, count_parameters
from vibhar.errors import InputError
from vibhar.models.checkpoints import load_classifier, save_classifier
from vibhar.models.classifier import RecurrentClassifier, prune_classifier
from vibhar.models.group_lasso import GroupLassoClassifier, prune_lasso
from vibhar.models.temporal_segments import TemporalSegments
from vibhar.stages.training.control import untrained
from vibhar.stages.training.vib import reset

POOL = pytest.mark.parametrize("pool", [True, False])


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def learned_segments(inputs: int, *, pool: bool) -> TemporalSegments:
    """Three segments that have seen something, each something else, and learned something."""
    segments = TemporalSegments(inputs, pool=pool)
    for norm in segments.norms:
        assert isinstance(norm, nn.BatchNorm1d)
        nn.init.normal_(norm.weight)
        nn.init.normal_(norm.bias)
    segments(torch.randn(20, 9, inputs) * torch.arange(1, 10)[:, None] + torch.arange(9)[:, None])
    return segments.eval()


@pytest.mark.parametrize(("frames", "length"), [(25, 8), (9, 3), (11, 3), (3, 1)])
@torch.no_grad()
def test_equal_segments_are_normalised_apart_and_pooled(frames: int, length: int) -> None:
    x = 3 + 2 * torch.randn(6, frames, 4)
    parts = x[:, : 3 * length].unflatten(1, (3, length))
    mean, variance = parts.mean(dim=(0, 2), keepdim=True), parts.var(dim=(0, 2), correction=0, keepdim=True)
    expected = (parts - mean) / (variance + 1e-5).sqrt()
    torch.testing.assert_close(TemporalSegments(4)(x), expected.amax(dim=2))
    torch.testing.assert_close(TemporalSegments(4, pool=False)(x), expected.flatten(1, 2))


def test_more_segments_than_frames_are_refused() -> None:
    with pytest.raises(InputError, match="2 frames cannot be divided in 3 temporal segments"):
        TemporalSegments(4)(torch.zeros(1, 2, 4))


@POOL
@torch.no_grad()
def test_narrowed_segments_give_the_same_of_fewer_inputs(pool: bool) -> None:
    segments, x, kept = learned_segments(7, pool=pool), torch.randn(5, 10, 7), torch.tensor([5, 0, 3])
    narrowed = segments.narrowed(kept)
    torch.testing.assert_close(narrowed(x[..., kept]), segments(x)[..., kept])
    assert not narrowed.training
    again = narrowed.narrowed(torch.tensor([1]))
    torch.testing.assert_close(again(x[..., [0]]), segments(x)[..., [0]])


@POOL
@pytest.mark.parametrize("kind", [VIBLSTM, VIBGRU])
@pytest.mark.parametrize("inputs", [None, torch.arange(20).flip(0)])
@torch.no_grad()
def test_masked_equals_dense_on_disk_too(kind, inputs: torch.Tensor | None, pool: bool, tmp_path: Path) -> None:
    recurrent = kind(20, 12, batch_first=True)
    random_gates(recurrent, 0.6)
    segments = learned_segments(20, pool=pool)
    masked = RecurrentClassifier(recurrent, nn.Linear(12, 4), segments=segments, readout="last", inputs=inputs).eval()
    dense = prune_classifier(masked).eval()
    x = torch.randn(5, 10, 20)
    torch.testing.assert_close(dense(x), masked(x), atol=1e-5, rtol=0)
    assert dense.segments is not None
    assert dense.inputs is not None
    assert len(dense.segments.norms[0].state_dict()["weight"]) == len(dense.inputs) < 20
    for classifier in (masked, dense):
        save_classifier(classifier, tmp_path / "model.safetensors")
        assert torch.equal(load_classifier(tmp_path / "model.safetensors")(x), classifier(x))


@torch.no_grad()
def test_the_group_lasso_and_the_control_keep_the_segments() -> None:
    whole = RecurrentClassifier(
        nn.LSTM(6, 5, batch_first=True), nn.Linear(5, 3), segments=learned_segments(6, pool=True), readout="last"
    ).eval()
    x = torch.randn(4, 9, 6)
    same = prune_lasso(GroupLassoClassifier(whole, 1.0), threshold=0.0)
    torch.testing.assert_close(same.eval()(x), whole(x))
    control = untrained(whole, random_inputs=False, features=6)
    assert control.segments is not None
    fresh = TemporalSegments(6).state_dict()
    assert all(torch.equal(entry, fresh[name]) for name, entry in control.segments.state_dict().items())
    reset(same)
    assert same.segments is not None
    assert all(torch.equal(entry, fresh[name]) for name, entry in same.segments.state_dict().items())


def test_the_size_of_ts_lstm() -> None:
    with torch.device("meta"):
        model = RecurrentClassifier(
            nn.LSTM(4096, 512), nn.Linear(512, 101), segments=TemporalSegments(4096), readout="last"
        )
    assert count_parameters(model.recurrent.parameters()) == 9_441_280  # the paper: 9.44M
    norms = 3 * 2 * 4096
    total = count_lstm_parameters(4096, 512) + norms + count_linear_parameters(512, 101)
    assert count_parameters(model.parameters()) == total == 9_517_669


@POOL
@pytest.mark.parametrize("gated", [True, False])
def test_an_order_of_segments_is_learned(gated: bool, pool: bool) -> None:
    recurrent = (VIBLSTM if gated else nn.LSTM)(6, 8, batch_first=True)
    model = RecurrentClassifier(recurrent, nn.Linear(8, 2), segments=TemporalSegments(6), readout="last")
    assert parameters_without_gradient(model, torch.randn(4, 9, 6)) == []
    draw = partial(bumps, frames=10, dim=6, bump=slice(0, 1))
    assert learned_accuracy(model, draw, epochs=15, rate=2e-2) > 0.9
