"""The gated LSTM against torch's own, its noise, and the information bound."""

import math

import pytest
import torch
from torch import nn

from vibhar.bottleneck import Bottleneck
from vibhar.recurrent import VIBLSTM


def open_gates(vib: VIBLSTM) -> None:
    """mu = 1 and sigma = 0 everywhere: gates that change nothing."""
    for module in vib.modules():
        if isinstance(module, Bottleneck):
            nn.init.constant_(module.mean, 1.0)
            nn.init.constant_(module.log_variance, -200.0)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_open_gates_are_torch_s_lstm(batch_first: bool, training: bool) -> None:
    torch.manual_seed(0)
    lstm = nn.LSTM(7, 5, batch_first=batch_first)
    vib = VIBLSTM.from_lstm(lstm).train(training)
    open_gates(vib)
    x, state = (
        torch.randn(4, 6, 7),
        (torch.randn(1, 4 if batch_first else 6, 5), torch.randn(1, 4 if batch_first else 6, 5)),
    )
    expected, (h, c) = lstm(x, state)
    output, (vib_h, vib_c) = vib(x, state)
    for ours, torchs in ((output, expected), (vib_h, h), (vib_c, c)):
        torch.testing.assert_close(ours, torchs, atol=1e-6, rtol=0)


def test_noise_is_fresh_at_each_call_and_its_own_for_each_example() -> None:
    torch.manual_seed(0)
    bottleneck = Bottleneck(3)
    nn.init.zeros_(bottleneck.log_variance)
    first, second = bottleneck.sample(2), bottleneck.sample(2)
    assert not torch.equal(first, second)
    assert not torch.equal(first[0], first[1])


def test_noise_is_shared_over_time() -> None:
    """With no memory and no input, each step sees the same gate and gives the same output."""
    torch.manual_seed(0)
    vib = VIBLSTM(2, 3, batch_first=True).train()
    for bottleneck in (vib.bottleneck(gate) for gate in "ifgo"):
        nn.init.zeros_(bottleneck.log_variance)
    nn.init.zeros_(vib.bottleneck("f").mean)
    nn.init.constant_(vib.bottleneck("f").log_variance, -200.0)
    nn.init.zeros_(vib.lstm.get_parameter("weight_hh_l0"))
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
    before = vib.hidden_kl()
    vib(torch.randn(50, 1, 2))
    assert torch.equal(before, vib.hidden_kl())
    assert before.item() == pytest.approx(sum(vib.bottleneck(gate).kl().item() for gate in "ifgo"))


@pytest.mark.parametrize("options", [{"num_layers": 2}, {"bidirectional": True}, {"proj_size": 2}, {"bias": False}])
def test_an_lstm_that_is_not_supported_is_refused(options: dict) -> None:
    with pytest.raises(ValueError, match="one layer and one direction"):
        VIBLSTM.from_lstm(nn.LSTM(4, 3, **options))


def test_the_gradient_reaches_every_parameter() -> None:
    torch.manual_seed(0)
    vib = VIBLSTM(3, 4, batch_first=True).double().train()
    output, _ = vib(torch.randn(2, 5, 3, dtype=torch.float64))
    (output.sum() + vib.hidden_kl() + vib.input_kl()).backward()
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in vib.parameters())
