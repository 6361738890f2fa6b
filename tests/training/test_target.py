"""A target for the compression: beta grows after its warm-up until the target is met, and says where it is not."""

import pytest
import torch
from torch import nn

from tests.compression.gates import open_gates
from vibhar.compression.modules import VIBLSTM
from vibhar.compression.sizes import count_lstm_parameters
from vibhar.errors import InputError
from vibhar.models.classifier import RecurrentClassifier
from vibhar.training.target import BetaGrowth, Goal, gated_size, set_goal


def classifier(inputs: int = 6, hidden: int = 5) -> RecurrentClassifier:
    vib = VIBLSTM(inputs, hidden, batch_first=True)
    open_gates(vib)
    return RecurrentClassifier(vib, nn.Linear(hidden, 3), readout="last", beta=1.0, input_beta=0.1)


@torch.no_grad()
def close(model: RecurrentClassifier, inputs: int) -> None:
    """Close all inputs but the first `inputs`."""
    assert isinstance(model.recurrent, VIBLSTM)
    model.recurrent.bottlenecks.inputs.log_variance[inputs:] = 9.0


def grow(model: RecurrentClassifier, goal: Goal, first_epoch: int = 2) -> BetaGrowth:
    return BetaGrowth(model, goal, first_epoch=first_epoch, growth=2.0, input_growth=3.0, patience=2)


def test_goals() -> None:
    naive = {"naive_parameters": 1000, "naive_accuracy": 0.9}
    assert set_goal("target_params", 50, **naive) == Goal(parameters=50)
    assert set_goal("target_ratio", 20, **naive) == Goal(parameters=50)
    assert set_goal("max_accuracy_drop", 5, **naive).accuracy == pytest.approx(0.85)


def test_beta_grows_after_the_warmup_only() -> None:
    model = classifier()
    growth = grow(model, Goal(parameters=1))
    assert not any(growth(epoch, 1.0) for epoch in range(4))
    assert (model.beta, model.input_beta) == pytest.approx((4.0, 0.9))


def test_it_stops_where_the_size_is_met() -> None:
    model = classifier()
    growth = grow(model, Goal(parameters=count_lstm_parameters(3, 5)))
    close(model, 4)
    assert not growth(0, 0.1)
    close(model, 3)
    assert growth(1, 0.1)
    growth.restore()
    assert gated_size(model) == count_lstm_parameters(3, 5)


def test_it_keeps_the_last_epoch_that_is_accurate_enough() -> None:
    model = classifier()
    growth = grow(model, Goal(accuracy=0.8))
    stops = []
    for epoch, accuracy in enumerate((0.9, 0.9, 0.9, 0.8, 0.7, 0.6, 0.9)):
        close(model, 6 - epoch)
        stops.append(growth(epoch, accuracy))
        if stops[-1]:
            break
    assert stops == [False] * 5 + [True]
    growth.restore()
    assert gated_size(model) == count_lstm_parameters(3, 5)


def test_a_target_that_is_not_met_is_an_error() -> None:
    growth = grow(classifier(), Goal(parameters=1))
    growth(0, 1.0)
    with pytest.raises(InputError, match="at no epoch met its target, 1 parameters"):
        growth.restore()


def test_nothing_left_on_the_way_is_an_error() -> None:
    model = classifier()
    close(model, 0)
    with pytest.raises(InputError, match="0 inputs and 5 hidden units"):
        grow(model, Goal(parameters=1))(0, 1.0)
