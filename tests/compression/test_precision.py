"""The information bound and the group lasso are finite in every precision, with their gradients, 0 and extremes too."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import softplus

from vibhar.compression.bottleneck import EPSILON, Bottleneck
from vibhar.compression.group_lasso import group_norms, prune_groups
from vibhar.compression.modules import VIBGRU, VIBLSTM

PRECISIONS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]


def extremes(dtype: torch.dtype) -> list[float]:
    """0, subnormal, tiny, ordinary and huge numbers of a precision, of both signs."""
    info = torch.finfo(dtype)
    values = [0.0, info.smallest_normal / 2, info.smallest_normal, info.eps, 1e-4, 1.0, 9.0, 255.0, 300.0, info.max / 2]
    roots = [info.max**0.5, info.max**0.5 / 2, info.smallest_normal**0.5]
    return [sign * value for value in (*values, *roots, info.max) for sign in (1.0, -1.0)]


def bottleneck_of(means: list[float], log_variances: list[float], dtype: torch.dtype) -> Bottleneck:
    bottleneck = Bottleneck(len(means)).to(dtype)
    with torch.no_grad():
        bottleneck.mean.copy_(torch.tensor(means, dtype=torch.float64))
        bottleneck.log_variance.copy_(torch.tensor(log_variances, dtype=torch.float64))
    return bottleneck


def exact_log_alpha(mean: float, log_variance: float) -> float:
    """log(mu^2 + EPSILON) - log sigma^2 without an overflow of the square."""
    return (2 * math.log(abs(mean)) if abs(mean) > 1e6 else math.log(mean**2 + EPSILON)) - log_variance


@pytest.mark.parametrize("dtype", PRECISIONS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_the_bound_and_its_gradients_are_finite_for_every_finite_parameter(dtype: torch.dtype, data) -> None:
    pairs = data.draw(st.lists(st.tuples(*[st.sampled_from(extremes(dtype))] * 2), min_size=1, max_size=5))
    means, log_variances = zip(*pairs, strict=True)
    bottleneck = bottleneck_of(list(means), list(log_variances), dtype)
    stored = zip(bottleneck.mean.tolist(), bottleneck.log_variance.tolist(), strict=True)
    log_alpha = [exact_log_alpha(mean, log_variance) for mean, log_variance in stored]
    exact = torch.tensor(log_alpha, dtype=torch.float64)
    torch.testing.assert_close(bottleneck.log_alpha().double(), exact, rtol=1e-5, atol=1e-5)
    decided = exact.abs() > 1e-6
    assert torch.equal(bottleneck.mask()[decided], exact[decided] > 0)
    bound = bottleneck.kl()
    expected = 0.5 * softplus(exact).sum()
    if expected < torch.finfo(bound.dtype).max / 10:
        assert bound.item() == pytest.approx(expected.item(), rel=1e-5)
    bound.backward()
    for parameter in (bottleneck.mean, bottleneck.log_variance):
        assert parameter.grad is not None
        assert parameter.grad.dtype == dtype
        assert parameter.grad.isfinite().all()


@pytest.mark.parametrize("kind", [VIBLSTM, VIBGRU])
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_means_of_0_have_gradients_that_are_numbers_in_a_whole_module(kind, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    vib = kind(6, 5, num_layers=2, bidirectional=True).to(dtype)
    with torch.no_grad():
        for name, parameter in vib.named_parameters():
            if name.endswith("mean"):
                parameter[::2] = 0
    (vib(torch.randn(3, 2, 6, dtype=dtype))[0].float().sum() + vib.kl()).backward()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in vib.parameters())


def test_the_bound_of_many_units_does_not_overflow_in_half_precision() -> None:
    bottleneck = bottleneck_of([1.0] * 40_000, [-9.0] * 40_000, torch.float16)
    assert bottleneck.kl().item() == pytest.approx(40_000 * 0.5 * math.log(1 + math.exp(9.0)), rel=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_ordinary_values_have_the_bound_of_the_plain_formula_bit_by_bit(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    bottleneck = Bottleneck(500).to(dtype)
    with torch.no_grad():
        bottleneck.mean.mul_(torch.randn(500, dtype=dtype).exp()).mul_(torch.randn(500).sign())
    mean, log_variance = (part.detach().clone().requires_grad_() for part in bottleneck.parameters())
    plain = 0.5 * softplus(torch.log(mean.square() + EPSILON) - log_variance).sum()
    bound = bottleneck.kl()
    assert torch.equal(bound, plain)
    plain.backward()
    bound.backward()
    for parameter, reference in ((bottleneck.mean, mean), (bottleneck.log_variance, log_variance)):
        assert parameter.grad is not None and reference.grad is not None
        assert torch.equal(parameter.grad, reference.grad)


@pytest.mark.parametrize("threshold", [0, 0.0, -1.0, math.nan])
def test_a_threshold_without_a_logarithm_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold of alpha is above 0"):
        VIBLSTM(3, 2, threshold=threshold)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("weight", [0.0, 200.0])
def test_the_group_lasso_of_nothing_and_of_large_weights_is_finite(kind, dtype: torch.dtype, weight: float) -> None:
    rnn, head = kind(6, 5).to(dtype), nn.Linear(5, 3).to(dtype)
    for parameter in (*rnn.parameters(), *head.parameters()):
        nn.init.constant_(parameter, weight)
    norms = group_norms(rnn, head)
    gates = 4 if kind is nn.LSTM else 3
    assert norms.tolist() == pytest.approx([math.sqrt((gates * 11 + gates * 5 + 3) * weight**2 + 1e-8)] * 5, rel=1e-5)
    norms.sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in (*rnn.parameters(), *head.parameters()))


@pytest.mark.parametrize("options", [{"num_layers": 2}, {"bidirectional": True}, {"bias": False}, {"proj_size": 2}])
def test_the_group_lasso_refuses_modules_whose_groups_are_others(options: dict) -> None:
    with pytest.raises(ValueError, match="one layer in one direction"):
        prune_groups(nn.LSTM(6, 5, **options), nn.Linear(5, 3), 0.0)


@pytest.mark.parametrize("inputs", [1, 4, 6])
def test_the_group_lasso_refuses_a_layer_of_other_units(inputs: int) -> None:
    with pytest.raises(ValueError, match=f"after 5 hidden units takes {inputs}"):
        group_norms(nn.LSTM(6, 5), nn.Linear(inputs, 3))


@pytest.mark.parametrize("batch_first", [True, False])
def test_the_group_lasso_keeps_the_layout(batch_first: bool) -> None:
    rnn = nn.GRU(6, 5, batch_first=batch_first)
    small, _, units = prune_groups(rnn, nn.Linear(5, 3), 0.0)
    x = torch.randn(4, 7, 6)
    torch.testing.assert_close(small(x)[0], rnn(x)[0][..., units])
