"""Parameters are counted as torch counts them, and as the paper does where it agrees with itself."""

import pytest
from torch import nn

from vibhar.compression.sizes import count_gru_parameters, count_linear_parameters, count_lstm_parameters
from vibhar.features.cnn import build_trunk
from vibhar.models.classifier import RecurrentClassifier
from vibhar.models.tensor_presets import build_map
from vibhar.models.tensorized_lstm import TensorizedLSTM
from vibhar.training.measures import report_size


@pytest.mark.parametrize(
    ("inputs", "hidden", "parameters"),
    [
        (2048, 2048, 33_570_816),  # Tables 2 to 4, naive: 33.57M
        (2048, 8, 65_856),  # Table 4, without the input bottleneck
        (32, 2048, 17_055_744),  # Table 4, without bottlenecks on the LSTM: 17.06M
        (1312, 33, 177_804),  # Table 1, VIB: 0.1778M
        (57_600, 256, 59_246_592),  # Table 1, naive: 59.246M
        (4096, 512, 9_441_280),  # Table 3, UCF101, naive: 9.44M
        (2048, 19, 157_244),  # Table 2, ISS: 0.16M
    ],
)
def test_lstms_of_the_paper(inputs: int, hidden: int, parameters: int) -> None:
    assert count_lstm_parameters(inputs, hidden) == parameters


def test_the_uncompressed_total_of_the_paper() -> None:
    trunk = sum(parameter.numel() for parameter in build_trunk("inception_v3", "random", 0).parameters())
    assert trunk == 21_785_568
    assert trunk + count_lstm_parameters(2048, 2048) + count_linear_parameters(2048, 11) == 55_378_923


@pytest.mark.parametrize("hidden", range(1, 100))
def test_no_lstm_on_49_inputs_has_2052_parameters(hidden: int) -> None:
    assert count_lstm_parameters(49, hidden) != 2052


@pytest.mark.parametrize(
    ("module", "count"),
    [
        (nn.LSTM(13, 7), count_lstm_parameters),
        (nn.GRU(13, 7), count_gru_parameters),
        (nn.Linear(13, 7), count_linear_parameters),
    ],
)
def test_torch_counts_the_same(module: nn.Module, count) -> None:
    assert count(13, 7) == sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(
    ("kind", "inputs", "hidden", "parameters"),
    [("tr", 2048, 2048, 663_552 + 16_777_216 + 16_384), ("tt", 57_600, 256, 3_360 + 262_144 + 2_048)],
)
def test_tensorized_lstms(kind: str, inputs: int, hidden: int, parameters: int) -> None:
    classifier = RecurrentClassifier(
        TensorizedLSTM(build_map(kind, inputs, 4 * hidden), hidden), nn.Linear(hidden, 11), readout="last"
    )
    size = report_size(classifier)
    head = count_linear_parameters(hidden, 11)
    assert (size["inputs"], size["hidden"]) == (inputs, hidden)
    assert (size["lstm_parameters"], size["head_parameters"]) == (parameters, head)
