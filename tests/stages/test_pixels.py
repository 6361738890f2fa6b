"""Raw pixels as features: which pixel is which input, how it is scaled, and the picture of those that are kept."""

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

from vibhar.features.cnn import build_trunk, preprocessing
from vibhar.models.checkpoints import save_classifier
from vibhar.models.classifier import ConstantClassifier, RecurrentClassifier
from vibhar.results.figures.pixels import KeptPixels, draw_pixels
from vibhar.stages.features.weights import prepare_weights
from vibhar.stages.results.pixels import kept_inputs

SIZE = (4, 3)


def features_of(image: torch.Tensor) -> torch.Tensor:
    return build_trunk("pixels", "none")(preprocessing("pixels", SIZE)(image))


def test_a_row_is_a_row_of_the_picture_and_channels_are_side_by_side() -> None:
    image = torch.zeros(1, 3, 8, 9, dtype=torch.uint8)  # twice 4 rows, three times 3 columns
    image[:, 1, 2:4, 6:9] = 255  # green, in row 1 and column 2
    features = features_of(image)
    assert features.shape == (1, 4 * 3 * 3)
    assert features.argmax() == (1 * 3 + 2) * 3 + 1
    assert features.reshape(*SIZE, 3)[1, 2].tolist() == [-1, features.max(), -1]


def test_black_grey_and_white_are_scaled_to_minus_one_zero_and_one() -> None:
    for level, expected in ((0, -1.0), (255, 1.0), (128, 0.5 / 127.5)):
        features = features_of(torch.full((1, 3, 20, 30), level, dtype=torch.uint8))
        torch.testing.assert_close(features, torch.full((1, 36), expected))


def test_the_whole_picture_is_seen() -> None:
    image = torch.zeros(1, 3, 24, 32, dtype=torch.uint8)
    image[..., 0], image[..., -1] = 255, 255  # what a crop of the centre would lose
    features = features_of(image).reshape(*SIZE, 3)
    assert (features[:, [0, 2]] > -1).all()
    assert (features[:, 1] == -1).all()


def test_the_trunk_has_no_parameters_and_a_name_with_its_size(tmp_path: Path) -> None:
    settings = {"backbone": "pixels", "size": [160, 120], "weights": "none", "label": None, "seed": 0}
    settings |= {"modality": "rgb", "flow_input": "image"}
    prepare_weights(trunk=tmp_path / "trunk.safetensors", description=tmp_path / "trunk.json", settings=settings)
    described = json.loads((tmp_path / "trunk.json").read_text())
    assert described == {"backbone": "pixels 160x120", "label": "none", "parameters": 0}
    again = build_trunk("pixels", str(tmp_path / "trunk.safetensors"))
    assert again(torch.zeros(2, 3, 4, 3)).shape == (2, 36)


def test_the_kept_inputs_of_a_pruned_classifier_as_a_picture(tmp_path: Path) -> None:
    inputs = torch.tensor([0, (1 * 3 + 2) * 3 + 1])
    save_classifier(
        RecurrentClassifier(nn.LSTM(2, 2, batch_first=True), nn.Linear(2, 2), readout="last", inputs=inputs),
        tmp_path / "pruned.safetensors",
    )
    kept = kept_inputs(tmp_path / "pruned.safetensors", SIZE)
    assert np.argwhere(kept).tolist() == [[0, 0, 0], [1, 2, 1]]
    save_classifier(ConstantClassifier(torch.zeros(2)), tmp_path / "nothing.safetensors")
    assert not kept_inputs(tmp_path / "nothing.safetensors", SIZE).any()


def test_the_picture_says_how_many_inputs_are_kept() -> None:
    kept = np.zeros((*SIZE, 3), dtype=bool)
    kept[1, 2, 1] = kept[0, 0, 0] = kept[0, 1, 0] = True
    figure = draw_pixels([KeptPixels("clip1", np.full((*SIZE, 3), 0.5), kept)])
    (strip,) = figure.subfigs
    assert strip.get_suptitle() == "clip1: 36 inputs, 3 kept"
    assert [axes.get_title() for axes in strip.axes][2:] == ["red: 2", "green: 1", "blue: 0"]
    shown = strip.axes[1].images[0].get_array()
    assert np.asarray(shown)[1, 2].tolist() == [0, 1, 0]
