"""The dense module equals the masked one that it came from, and is counted as torch counts."""

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tests.compression.gates import random_gates
from vibhar.compression.modules import VIBGRU, VIBLSTM
from vibhar.compression.pruning import (
    NothingLeft,
    narrow,
    narrow_state,
    prune,
)
from vibhar.models.checkpoints import load_classifier, save_classifier
from vibhar.models.classifier import ConstantClassifier, RecurrentClassifier, prune_classifier

SHAPES: dict[str, Any] = {
    "inputs": st.integers(1, 40),
    "hidden": st.integers(1, 30),
    "batch": st.integers(1, 4),
    "steps": st.integers(1, 12),
    "openness": st.floats(0.0, 1.0),
    "num_layers": st.integers(1, 3),
    "bidirectional": st.booleans(),
    "evaluation": st.sampled_from(["mean", "mask"]),
    "seed": st.integers(0, 2**20),
    "precision": st.sampled_from([(torch.float32, 1e-5), (torch.float64, 1e-12)]),
}


def stack(state: Any) -> tuple[torch.Tensor, ...]:
    """The state of an LSTM or a GRU as a tuple."""
    return state if isinstance(state, tuple) else (state,)


@pytest.mark.parametrize("kind", [VIBLSTM, VIBGRU])
@settings(max_examples=60, deadline=None)
@given(**SHAPES)
@torch.no_grad()
def test_dense_equals_masked(
    kind, inputs, hidden, batch, steps, openness, num_layers, bidirectional, evaluation, seed, precision
) -> None:
    dtype, tolerance = precision
    torch.manual_seed(seed)
    options = {"num_layers": num_layers, "bidirectional": bidirectional, "evaluation": evaluation}
    vib = kind(inputs, hidden, batch_first=True, **options).to(dtype).eval()
    random_gates(vib, openness)
    pruned = prune(vib)
    x = torch.randn(batch, steps, inputs, dtype=dtype)
    first = tuple(
        torch.randn(len(vib.bottlenecks.cells), batch, hidden, dtype=dtype) for _ in range(2 - (kind is VIBGRU))
    )
    masked, last = vib(x, first if kind is VIBLSTM else first[0])
    small = narrow_state(pruned, first)
    dense, dense_last = pruned.module(x[..., pruned.inputs], small if kind is VIBLSTM else small[0])
    expected = torch.zeros_like(masked)
    expected[..., pruned.hidden] = pruned.scale * dense
    torch.testing.assert_close(expected, masked, atol=tolerance, rtol=tolerance)
    kept = pruned.cell_scales[:, None] != 0
    assert evaluation == "mean" or pruned.cell_scales.eq(kept[:, 0]).all()  # 1, or 0 where a cell is filled up
    for ours, theirs in zip(stack(dense_last), narrow_state(pruned, stack(last)), strict=True):
        torch.testing.assert_close(ours * kept, theirs, atol=10 * tolerance, rtol=tolerance)


def random_norm(classes: int) -> nn.BatchNorm1d:
    """A batch norm that has seen something and learned something."""
    norm = nn.BatchNorm1d(classes)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    norm(3 + 2 * torch.randn(50, classes))
    return norm


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("readout", ["last", "mean"])
@torch.no_grad()
def test_dense_classifier_equals_masked_classifier(readout: str, batch_norm: bool, tmp_path: Path) -> None:
    torch.manual_seed(0)
    norm = random_norm(4) if batch_norm else None
    vib = VIBLSTM(20, 12, batch_first=True)
    random_gates(vib, 0.6)
    model = RecurrentClassifier(vib, nn.Linear(12, 4), norm=norm, readout=readout).eval()
    dense = prune_classifier(model).eval()
    x = torch.randn(5, 7, 20)
    torch.testing.assert_close(dense(x), model(x), atol=1e-5, rtol=0)
    assert isinstance(dense.recurrent, nn.LSTM)
    assert dense.recurrent.hidden_size < 12
    assert dense.norm is not norm or norm is None  # fine-tuning the one leaves the other
    for classifier in (model, dense):
        save_classifier(classifier, tmp_path / "model.safetensors")
        assert torch.equal(load_classifier(tmp_path / "model.safetensors")(x), classifier(x))


@torch.no_grad()
def test_where_nothing_is_left_the_constant_is_what_zeros_give() -> None:
    torch.manual_seed(0)
    model = RecurrentClassifier(nn.LSTM(3, 5), nn.Linear(5, 4), norm=random_norm(4), readout="last")
    for parameter in model.recurrent.parameters():
        nn.init.zeros_(parameter)
    x = torch.randn(2, 6, 3)
    torch.testing.assert_close(ConstantClassifier.left_of(model)(x), model.eval()(x))


@torch.no_grad()
def test_a_kept_unit_with_a_closed_forget_gate_has_no_memory() -> None:
    torch.manual_seed(0)
    vib = VIBLSTM(3, 2, batch_first=True).eval()
    vib.bottlenecks.gate("f").log_variance[0] = 9.0
    pruned = prune(vib)
    assert pruned.hidden.tolist() == [0, 1]
    x, zeros = torch.randn(1, 1, 3), torch.zeros(1, 1, 2)
    _, (_, full) = pruned.module(x, (zeros, torch.full((1, 1, 2), 100.0)))
    _, (_, empty) = pruned.module(x, (zeros, zeros))
    assert full[..., 0] == empty[..., 0]
    assert full[..., 1] != empty[..., 1]


@pytest.mark.parametrize("layer", [0, 1])
def test_nothing_left_is_a_clear_error(layer: int) -> None:
    vib = VIBLSTM(3, 2, num_layers=2)
    nn.init.constant_(vib.bottlenecks.gate("g", layer).log_variance, 9.0)
    with pytest.raises(NothingLeft, match=r"0 of 2 hidden units .* smaller beta"):
        prune(vib)


def test_one_direction_may_be_lost() -> None:
    torch.manual_seed(0)
    vib = VIBLSTM(3, 2, bidirectional=True).eval()
    nn.init.constant_(vib.bottlenecks.gate("g", 1).log_variance, 9.0)
    pruned, x = prune(vib), torch.randn(4, 1, 3)
    output, _ = pruned.module(x)
    torch.testing.assert_close(vib(x)[0][..., pruned.hidden], pruned.scale * output)


@torch.no_grad()
def test_narrow_keeps_the_columns_of_the_kept_units() -> None:
    linear = nn.Linear(4, 3)
    hidden, scale = torch.tensor([1, 3]), torch.tensor([2.0, -1.0])
    h = torch.zeros(4)
    h[hidden] = scale * torch.tensor([0.5, 0.25])
    torch.testing.assert_close(narrow(linear, hidden, scale)(torch.tensor([0.5, 0.25])), linear(h))
