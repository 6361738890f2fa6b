"""The dense LSTM equals the masked one that it came from, and is counted as torch counts."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from vibhar.bottleneck import Bottleneck
from vibhar.compress import NothingLeft, count_lstm_parameters, narrow, prune
from vibhar.models import LSTMClassifier, prune_classifier
from vibhar.recurrent import VIBLSTM


def random_gates(vib: VIBLSTM, openness: float) -> None:
    """Means near 1, and a mask that is open with the given probability."""
    for module in vib.modules():
        if isinstance(module, Bottleneck):
            nn.init.normal_(module.mean, 1.0, 0.2)
            closed = torch.rand(len(module.mean)) > openness
            with torch.no_grad():
                module.log_variance[closed] = 9.0


def gated(inputs: int, hidden: int, openness: float, dtype: torch.dtype) -> VIBLSTM:
    vib = VIBLSTM(inputs, hidden, batch_first=True)
    random_gates(vib, openness)
    with torch.no_grad():  # at least one unit and one input are kept
        vib.input_bottleneck.log_variance[0] = -9.0
        for gate in "igo":
            vib.bottleneck(gate).log_variance[0] = -9.0
    return vib.to(dtype).eval()


@settings(max_examples=60, deadline=None)
@given(
    inputs=st.integers(1, 40),
    hidden=st.integers(1, 30),
    batch=st.integers(1, 4),
    steps=st.integers(1, 12),
    openness=st.floats(0.0, 1.0),
    seed=st.integers(0, 2**20),
    precision=st.sampled_from([(torch.float32, 1e-5), (torch.float64, 1e-12)]),
)
@torch.no_grad()
def test_dense_equals_masked(inputs, hidden, batch, steps, openness, seed, precision) -> None:
    dtype, tolerance = precision
    torch.manual_seed(seed)
    vib = gated(inputs, hidden, openness, dtype)
    pruned = prune(vib)
    x = torch.randn(batch, steps, inputs, dtype=dtype)
    masked, (h, c) = vib(x)
    dense, (dense_h, dense_c) = pruned.module(x[..., pruned.inputs])
    torch.testing.assert_close(pruned.scale * dense, masked[..., pruned.hidden], atol=tolerance, rtol=0)
    torch.testing.assert_close(pruned.scale * dense_h, h[..., pruned.hidden], atol=tolerance, rtol=0)
    torch.testing.assert_close(dense_c, c[..., pruned.hidden], atol=tolerance, rtol=0)
    others = torch.ones(hidden, dtype=torch.bool)
    others[pruned.hidden] = False
    assert not masked[..., others].any()


@pytest.mark.parametrize("readout", ["last", "mean"])
@torch.no_grad()
def test_dense_classifier_equals_masked_classifier(readout: str) -> None:
    torch.manual_seed(0)
    model = LSTMClassifier(gated(20, 12, 0.6, torch.float32), nn.Linear(12, 4), readout=readout).eval()
    dense = prune_classifier(model).eval()
    x = torch.randn(5, 7, 20)
    torch.testing.assert_close(dense(x), model(x), atol=1e-5, rtol=0)
    assert isinstance(dense.recurrent, nn.LSTM)
    assert dense.recurrent.hidden_size < 12


@torch.no_grad()
def test_a_kept_unit_with_a_closed_forget_gate_has_no_memory() -> None:
    torch.manual_seed(0)
    vib = VIBLSTM(3, 2, batch_first=True).eval()
    vib.bottleneck("f").log_variance[0] = 9.0
    pruned = prune(vib)
    assert pruned.hidden.tolist() == [0, 1]
    x, zeros = torch.randn(1, 1, 3), torch.zeros(1, 1, 2)
    _, (_, full) = pruned.module(x, (zeros, torch.full((1, 1, 2), 100.0)))
    _, (_, empty) = pruned.module(x, (zeros, zeros))
    assert full[..., 0] == empty[..., 0]
    assert full[..., 1] != empty[..., 1]


def test_nothing_left_is_a_clear_error() -> None:
    vib = VIBLSTM(3, 2)
    nn.init.constant_(vib.bottleneck("g").log_variance, 9.0)
    with pytest.raises(NothingLeft, match=r"0 of 2 hidden units .* smaller beta"):
        prune(vib)


@torch.no_grad()
def test_narrow_keeps_the_columns_of_the_kept_units() -> None:
    linear = nn.Linear(4, 3)
    hidden, scale = torch.tensor([1, 3]), torch.tensor([2.0, -1.0])
    h = torch.zeros(4)
    h[hidden] = scale * torch.tensor([0.5, 0.25])
    torch.testing.assert_close(narrow(linear, hidden, scale)(torch.tensor([0.5, 0.25])), linear(h))


@pytest.mark.parametrize(
    ("inputs", "hidden", "parameters"),
    [
        (2048, 2048, 33_570_816),
        (2048, 8, 65_856),
        (1312, 33, 177_804),
        (57_600, 256, 59_246_592),
        (4096, 512, 9_441_280),
    ],
)
def test_parameters_are_counted_as_in_the_paper(inputs: int, hidden: int, parameters: int) -> None:
    assert count_lstm_parameters(inputs, hidden) == parameters


def test_parameters_are_counted_as_in_torch() -> None:
    assert count_lstm_parameters(13, 7) == sum(parameter.numel() for parameter in nn.LSTM(13, 7).parameters())
