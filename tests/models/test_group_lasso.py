"""The groups of a hidden unit, and that a unit with an empty group can be cut without a trace."""

import pytest
import torch
from torch import nn

from vibhar.compression.group_lasso import group_norms
from vibhar.compression.pruning import NothingLeft
from vibhar.models.classifier import RecurrentClassifier
from vibhar.models.group_lasso import GroupLassoClassifier, prune_lasso

D, H, C = 5, 4, 3


@pytest.fixture
def classifier() -> RecurrentClassifier:
    torch.manual_seed(0)
    return RecurrentClassifier(nn.LSTM(D, H, batch_first=True), nn.Linear(H, C), readout="last").eval()


def empty_group(classifier: RecurrentClassifier, unit: int) -> None:
    """Zero all weights of a unit that its group counts, and its biases."""
    rows = [gate * H + unit for gate in range(4)]
    with torch.no_grad():
        for name, parameter in classifier.recurrent.named_parameters():
            parameter[rows] = 0
            if name == "weight_hh_l0":
                parameter[:, unit] = 0
        classifier.head.weight[:, unit] = 0


@torch.no_grad()
def test_a_group_has_the_size_of_the_authors_and_counts_what_crosses_twice(classifier: RecurrentClassifier) -> None:
    lstm = classifier.recurrent
    assert isinstance(lstm, nn.LSTM)
    for parameter in (*lstm.parameters(), *classifier.head.parameters()):
        parameter.fill_(1.0)
    expected = (4 * (D + H) + 4 * H + C) ** 0.5  # biases are in no group
    torch.testing.assert_close(group_norms(lstm, classifier.head), torch.full((H,), expected))


def test_the_penalty_is_the_weighted_sum_of_the_norms(classifier: RecurrentClassifier) -> None:
    model = GroupLassoClassifier(classifier, 0.5)
    lstm = classifier.recurrent
    assert isinstance(lstm, nn.LSTM)
    assert model.penalty().item() == pytest.approx(0.5 * group_norms(lstm, classifier.head).sum().item())
    model.penalty().backward()
    assert classifier.head.weight.grad is not None


@torch.no_grad()
def test_a_unit_with_an_empty_group_can_be_cut(classifier: RecurrentClassifier) -> None:
    empty_group(classifier, 2)
    small = prune_lasso(GroupLassoClassifier(classifier, 0.1), 1e-3).eval()
    assert isinstance(small.recurrent, nn.LSTM)
    assert small.recurrent.hidden_size == H - 1
    x = torch.randn(2, 6, D)
    torch.testing.assert_close(small(x), classifier(x), atol=1e-6, rtol=0)


def test_nothing_left_is_a_clear_error(classifier: RecurrentClassifier) -> None:
    with pytest.raises(NothingLeft, match="smaller strength"):
        prune_lasso(GroupLassoClassifier(classifier, 0.1), 1e6)
