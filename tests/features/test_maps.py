"""Trunks that give their last map: the sizes, what stands where, and the weights of the networks without."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from vibhar.features.cnn import BACKBONES, build_trunk, check_weights, preprocessing, without_classifier


@pytest.mark.parametrize(
    ("name", "shape", "features"),
    [
        ("vgg16_maps", (512, 1, 1), 4096),
        ("googlenet_maps", (1024, 7, 7), 1024),
        ("mobilenet_v2_maps", (1280, 3, 3), 1280),
        ("small_cnn_maps", (192, 4, 4), 256),
    ],
)
def test_the_sizes_of_maps(name: str, shape: tuple[int, int, int], features: int) -> None:
    backbone = BACKBONES[name]
    assert backbone.map is not None
    assert (backbone.map.shape, backbone.features) == (shape, features)
    assert backbone.dim == backbone.map.dim + features
    size = preprocessing(name)(torch.zeros(1, 3, 300, 300, dtype=torch.uint8)).shape[-1]
    with torch.device("meta"):
        assert without_classifier(backbone).eval()(torch.empty(2, 3, size, size)).shape == (2, backbone.dim)


@pytest.mark.parametrize("name", ["mobilenet_v2", "small_cnn"])
def test_the_map_stands_before_the_features_of_the_same_weights(name: str, tmp_path: Path) -> None:
    plain = build_trunk(name, "random", seed=1)
    save_file(plain.state_dict(), tmp_path / "w.safetensors")
    check_weights(f"{name}_maps", str(tmp_path / "w.safetensors"))
    trunk, feature_map = build_trunk(f"{name}_maps", str(tmp_path / "w.safetensors")), BACKBONES[f"{name}_maps"].map
    assert feature_map is not None
    images = torch.rand(2, 3, 64, 64)
    for _ in range(2):  # the first call leaves nothing behind
        output = trunk(images)
        torch.testing.assert_close(output[:, feature_map.dim :], plain(images))
    maps = output[:, : feature_map.dim].unflatten(1, feature_map.shape)
    if name == "mobilenet_v2":  # of 64 x 64 images it has 2 x 2 places
        torch.testing.assert_close(maps[:, :, [0, 0, 2, 2], [0, 2, 0, 2]].mean(dim=-1), plain(images))
    else:
        blocks = [plain.get_submodule(f"features.{block}") for block in range(4)]
        torch.testing.assert_close(maps, nn.Sequential(*blocks)(images))


def test_vgg_s_features_are_those_of_its_first_fully_connected_layer() -> None:
    torch.manual_seed(0)
    backbone = BACKBONES["vgg16_maps"]
    trunk = without_classifier(backbone).eval()
    images = torch.rand(1, 3, 32, 32)
    vgg = {name: trunk.get_submodule(name) for name in ("features", "avgpool", "classifier.0")}
    with torch.no_grad():
        maps = vgg["features"](images)
        expected = vgg["classifier.0"](vgg["avgpool"](maps).flatten(1)).relu()
        torch.testing.assert_close(trunk(images), torch.cat([maps.mean(dim=(2, 3)), expected], dim=1))
