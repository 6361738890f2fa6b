"""GRUs in place of LSTMs: gated, pruned, group-pruned, written and read, and named in the tables as what they are."""

from pathlib import Path

import pandas as pd
import pytest
import torch
from torch import nn

from tests.compression.gates import random_gates
from vibhar.compression.modules import VIBGRU
from vibhar.compression.sizes import count_gru_parameters
from vibhar.errors import InputError
from vibhar.models.checkpoints import load_classifier, save_classifier
from vibhar.models.classifier import RecurrentClassifier, prune_classifier
from vibhar.models.group_lasso import GroupLassoClassifier, prune_lasso
from vibhar.results.tables import Setting, summarise
from vibhar.stages.training.naive import build_recurrent
from vibhar.stages.training.vib import gate
from vibhar.training.measures import report_size


def classifier(recurrent: nn.GRU | VIBGRU) -> RecurrentClassifier:
    return RecurrentClassifier(recurrent, nn.Linear(5, 3), readout="mean").eval()


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def test_the_cell_of_the_config() -> None:
    assert isinstance(build_recurrent(6, 5, "gru", "naive"), nn.GRU)
    assert isinstance(build_recurrent(6, 5, "lstm", "naive"), nn.LSTM)
    with pytest.raises(InputError, match="no tensorised GRUs"):
        build_recurrent(16, 4, "gru", "tr")


def test_masked_equals_dense(tmp_path: Path) -> None:
    gated = gate(nn.GRU(6, 5, batch_first=True), noise="example", evaluation="mean")
    assert isinstance(gated, VIBGRU)
    random_gates(gated, openness=0.6)
    save_classifier(classifier(gated), tmp_path / "gated.safetensors")
    masked = load_classifier(tmp_path / "gated.safetensors")
    dense = prune_classifier(masked)
    save_classifier(dense, tmp_path / "dense.safetensors")
    x = torch.randn(4, 7, 6)
    torch.testing.assert_close(load_classifier(tmp_path / "dense.safetensors")(x), masked(x), rtol=0, atol=1e-5)
    assert isinstance(dense.recurrent, nn.GRU)
    size = report_size(dense)
    assert (size["cell"], size["lstm_parameters"]) == ("gru", count_gru_parameters(size["inputs"], size["hidden"]))


def test_a_group_that_is_nothing_is_cut_without_a_difference() -> None:
    gru = nn.GRU(6, 5, batch_first=True)
    whole = classifier(gru)
    with torch.no_grad():
        for name, parameter in gru.named_parameters():
            parameter.view(3, 5, -1)[:, 2] = 0
            if name == "weight_hh_l0":
                parameter[:, 2] = 0
        whole.head.weight[:, 2] = 0
    small = prune_lasso(GroupLassoClassifier(whole, 1.0), threshold=1e-3)
    assert isinstance(small.recurrent, nn.GRU)
    assert small.recurrent.hidden_size == 4
    x = torch.randn(4, 7, 6)
    torch.testing.assert_close(small(x), whole(x), rtol=0, atol=1e-6)


def test_rows_of_grus_say_so() -> None:
    runs = pd.DataFrame(
        {"split": ["split1"], "seed": 0, "inputs": 6, "hidden": 5, "test_accuracy": 0.5, "lstm_parameters": 195}
    ).assign(head_parameters=18)
    row = summarise("VIB-LSTM", runs, Setting("d", "ucf11", "", "small_cnn", "random", 0, 195, "gru"))
    assert (row["method"], row["paper_lstm_params"]) == ("VIB-GRU", "")
