"""The gated modules against torch's own, their noise, their gradients, and the information bound."""

import math
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence

import vibhar
from tests.compression.gates import open_gates
from vibhar.compression.bottleneck import Bottleneck
from vibhar.compression.modules import VIBGRU, VIBLSTM

OPTIONS: list[dict[str, Any]] = [
    {},
    {"batch_first": True},
    {"num_layers": 2},
    {"bidirectional": True},
    {"num_layers": 3, "bidirectional": True, "batch_first": True},
]
KINDS = [(nn.LSTM, VIBLSTM.from_lstm), (nn.GRU, VIBGRU.from_gru)]


def flat(result: Any) -> list[torch.Tensor]:
    """The tensors of a nested result, in order."""
    if isinstance(result, torch.Tensor):
        return [result]
    if isinstance(result, PackedSequence):
        assert result.batch_sizes is not None
        return [result.data, result.batch_sizes]
    return [tensor for part in result for tensor in flat(part)]


def assert_same(ours: Any, theirs: Any) -> None:
    for one, other in zip(flat(ours), flat(theirs), strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=0)


def initial_state(rnn: nn.LSTM | nn.GRU, *batch: int) -> Any:
    cells = rnn.num_layers * (2 if rnn.bidirectional else 1)
    state = tuple(torch.randn(cells, *batch, rnn.hidden_size) for _ in range(2))
    return state if isinstance(rnn, nn.LSTM) else state[0]


@pytest.mark.parametrize("module, gated", KINDS)
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("training", [True, False])
def test_open_gates_are_torch_s_own(module, gated, options: dict[str, Any], training: bool) -> None:
    torch.manual_seed(0)
    rnn = module(7, 5, **options).train(training)
    vib = gated(rnn)
    open_gates(vib)
    x = torch.randn(4, 6, 7)
    state = initial_state(rnn, 4 if rnn.batch_first else 6)
    assert_same(vib(x), rnn(x))
    assert_same(vib(x, state), rnn(x, state))
    assert_same(vib(x[0]), rnn(x[0]))
    assert_same(vib(x[0], initial := initial_state(rnn)), rnn(x[0], initial))


@pytest.mark.parametrize("module, gated", KINDS)
@pytest.mark.parametrize(("evaluation", "same"), [("mask", True), ("mean", False)])
def test_kept_units_are_evaluated_by_the_mask_or_by_their_means(module, gated, evaluation: str, same: bool) -> None:
    torch.manual_seed(0)
    rnn = module(7, 5, num_layers=2).eval()
    vib = gated(rnn, evaluation=evaluation)
    for bottleneck in vib.bottlenecks.modules():
        if isinstance(bottleneck, Bottleneck):
            nn.init.uniform_(bottleneck.mean, 0.5, 2.0)
    x = torch.randn(4, 6, 7)
    assert torch.allclose(vib(x)[0], rnn(x)[0], atol=1e-6) == same


@pytest.mark.parametrize("module, gated", KINDS)
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("lengths", [(5, 3, 1), (1, 4, 4, 2)])
def test_variable_lengths_are_torch_s_own(module, gated, options: dict[str, Any], lengths: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    rnn = module(3, 4, **options)
    vib = gated(rnn)
    open_gates(vib)
    packed = pack_sequence([torch.randn(length, 3) for length in lengths], enforce_sorted=False)
    state = initial_state(rnn, len(lengths))
    assert_same(vib(packed), rnn(packed))
    assert_same(vib(packed, state), rnn(packed, state))


@pytest.mark.parametrize("kind", [VIBLSTM, VIBGRU])
def test_gradients_of_the_gated_cell(kind) -> None:
    torch.manual_seed(0)
    vib = kind(3, 2, batch_first=True).double().train()
    x = torch.randn(2, 3, 3, dtype=torch.float64, requires_grad=True)
    names = [name for name, _ in vib.named_parameters()]
    values = tuple(parameter.detach().clone().requires_grad_() for parameter in vib.parameters())

    def output(x: torch.Tensor, *parameters: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(1)  # the same noise at each call
        return torch.func.functional_call(vib, dict(zip(names, parameters, strict=True)), (x,))[0]

    assert torch.autograd.gradcheck(output, (x, *values))


@pytest.mark.parametrize("kind", [VIBLSTM, VIBGRU])
def test_the_gradient_reaches_every_parameter(kind) -> None:
    torch.manual_seed(0)
    vib = kind(3, 4, num_layers=2, bidirectional=True).double().train()
    output, _ = vib(torch.randn(5, 2, 3, dtype=torch.float64))
    (output.sum() + vib.kl()).backward()
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in vib.parameters())


def noisy(kind: type[VIBLSTM] | type[VIBGRU], **options: Any) -> VIBLSTM | VIBGRU:
    """A module in training with sigma = 1 everywhere."""
    torch.manual_seed(0)
    vib = kind(2, 3, **options).train()
    for module in vib.modules():
        if isinstance(module, Bottleneck):
            nn.init.zeros_(module.log_variance)
    return vib


@pytest.mark.parametrize("kind", [VIBLSTM, VIBGRU])
@pytest.mark.parametrize(
    ("options", "shared"), [({}, True), ({"noise": "sequence"}, True), ({"noise": "example"}, False)]
)
def test_noise_is_fresh_at_each_call_and_shared_by_a_batch_or_not(kind, options: dict[str, str], shared: bool) -> None:
    vib = noisy(kind, **options)
    x = torch.randn(4, 1, 2).expand(4, 3, 2)  # the same sequence three times
    first, second = vib(x)[0], vib(x)[0]
    assert torch.allclose(first[:, 0], first[:, 1]) == torch.allclose(first[:, 0], first[:, 2]) == shared
    assert not torch.allclose(first, second)


@pytest.mark.parametrize("kind", [VIBLSTM, VIBGRU])
def test_noise_once_is_gone_after_the_first_call(kind) -> None:
    vib, x = noisy(kind, noise="once"), torch.randn(4, 3, 2)
    first, second = vib(x)[0], vib(x)[0]
    assert not torch.allclose(first, second)
    second.sum().backward()
    assert vib.bottlenecks.gate("n" if kind is VIBGRU else "g").log_variance.grad is None
    for module in vib.modules():
        if isinstance(module, Bottleneck):
            nn.init.constant_(module.log_variance, -200.0)
    assert torch.equal(vib(x)[0], second)  # z was mu


@pytest.mark.parametrize("kind", [VIBLSTM, VIBGRU])
@pytest.mark.parametrize("option", ["noise", "evaluation"])
def test_an_unknown_noise_or_evaluation_is_refused(kind, option: str) -> None:
    with pytest.raises(ValueError, match=f"{option} is one of .*, not 'always'"):
        kind(4, 3, **{option: "always"})


def test_noise_is_shared_over_time() -> None:
    """With no memory and no input, each step sees the same gate and gives the same output."""
    vib = noisy(VIBLSTM, batch_first=True, noise="example")
    nn.init.zeros_(vib.bottlenecks.gate("f").mean)
    nn.init.constant_(vib.bottlenecks.gate("f").log_variance, -200.0)
    nn.init.zeros_(vib.rnn.get_parameter("weight_hh_l0"))
    output, _ = vib(torch.zeros(2, 4, 2))
    torch.testing.assert_close(output, output[:, :1].expand_as(output))


def test_kl_is_half_log_of_one_plus_alpha() -> None:
    bottleneck = Bottleneck(2)
    with torch.no_grad():
        bottleneck.mean.copy_(torch.tensor([2.0, 1.0]))
        bottleneck.log_variance.copy_(torch.tensor([0.0, math.log(4.0)]))
    expected = 0.5 * (math.log(1 + 4.0) + math.log(1 + 0.25))
    assert bottleneck.kl().item() == pytest.approx(expected, rel=1e-5)
    assert bottleneck.mask().tolist() == [True, False]


def test_each_gate_is_counted_once_and_not_once_a_step() -> None:
    vib = VIBLSTM(2, 3)
    before = vib.kl()
    vib(torch.randn(50, 1, 2))
    assert torch.equal(before, vib.kl())
    bounds = [module.kl().item() for module in vib.modules() if isinstance(module, Bottleneck)]
    assert len(bounds) == 5
    assert before.item() == pytest.approx(sum(bounds))


@pytest.mark.parametrize("options", [{"proj_size": 2}, {"bias": False}])
def test_an_lstm_that_is_not_supported_is_refused(options: dict) -> None:
    with pytest.raises(ValueError, match="with biases and without a projection"):
        VIBLSTM.from_lstm(nn.LSTM(4, 3, **options))
    with pytest.raises(ValueError, match="with biases and without a projection"):
        VIBLSTM(4, 3, **options)


def test_a_gru_without_biases_is_refused() -> None:
    with pytest.raises(ValueError, match="with biases"):
        VIBGRU.from_gru(nn.GRU(4, 3, bias=False))


def test_the_public_names() -> None:
    assert vibhar.VIBLSTM is VIBLSTM
    assert vibhar.VIBGRU is VIBGRU
    with pytest.raises(AttributeError, match="no attribute 'VIBRNN'"):
        _ = vibhar.VIBRNN
