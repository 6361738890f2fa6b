"""Trunks: sizes, weights from files, and what is refused."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from vibhar.errors import InputError
from vibhar.features.cnn import BACKBONES, build_trunk, check_weights, describe_weights, preprocessing


@pytest.fixture(scope="module")
def random_mobilenet() -> torch.nn.Module:
    return build_trunk("mobilenet_v2", "random", seed=1)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("inception_v3", 21_785_568), ("efficientnet_b1", 6_513_184), ("mobilenet_v2", 2_223_872)],
)
def test_a_trunk_has_the_parameters_of_the_published_network(name: str, parameters: int) -> None:
    trunk = build_trunk(name, "random")
    assert sum(parameter.numel() for parameter in trunk.parameters()) == parameters
    size = preprocessing(name)(torch.zeros(1, 3, 300, 300, dtype=torch.uint8)).shape[-1]
    features = trunk(torch.rand(1, 3, size, size))
    assert features.shape == (1, BACKBONES[name].dim)
    assert features.isfinite().all()


def test_random_weights_follow_their_seed_and_leave_the_global_one(random_mobilenet: torch.nn.Module) -> None:
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    again = build_trunk("mobilenet_v2", "random", seed=1)
    assert torch.equal(torch.rand(1), expected)
    image = torch.rand(1, 3, 64, 64)
    assert torch.equal(again(image), random_mobilenet(image))
    assert not torch.equal(build_trunk("mobilenet_v2", "random", seed=2)(image), random_mobilenet(image))


def test_random_features_tell_images_apart(random_mobilenet: torch.nn.Module) -> None:
    features = random_mobilenet(torch.rand(8, 3, 224, 224) * torch.linspace(0.1, 1, 8)[:, None, None, None])
    assert features.std(dim=0).mean() > 0.01 * features.mean()


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_weights_from_a_file(random_mobilenet: torch.nn.Module, tmp_path: Path, suffix: str) -> None:
    state = random_mobilenet.state_dict() | {"classifier.1.weight": torch.zeros(1000, 1280)}
    path = tmp_path / f"weights{suffix}"
    save_file(state, path) if suffix == ".safetensors" else torch.save(state, path)
    check_weights("mobilenet_v2", str(path))
    image = torch.rand(1, 3, 64, 64)
    assert torch.equal(build_trunk("mobilenet_v2", str(path))(image), random_mobilenet(image))
    assert describe_weights(str(path), "mine", 0, "mobilenet_v2").startswith("mine (sha256 ")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("features.0.0.weight"), "features.0.0.weight is missing"),
        (lambda state: state.update({"surplus": torch.zeros(1)}), "surplus is unknown"),
        (lambda state: state.update({"features.0.0.weight": torch.zeros(1)}), r"features.0.0.weight is \(1,\), not"),
    ],
)
def test_wrong_keys(random_mobilenet: torch.nn.Module, tmp_path: Path, change, message: str) -> None:
    state = dict(random_mobilenet.state_dict())
    change(state)
    save_file(state, tmp_path / "w.safetensors")
    with pytest.raises(InputError, match=message):
        check_weights("mobilenet_v2", str(tmp_path / "w.safetensors"))


def test_a_file_that_is_not_there_or_not_weights(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        check_weights("mobilenet_v2", str(tmp_path / "none.pth"))
    (tmp_path / "text.safetensors").write_text("no weights")
    with pytest.raises(InputError, match="cannot be read"):
        check_weights("mobilenet_v2", str(tmp_path / "text.safetensors"))


def test_imagenet_weights_are_torchvision_s_from_its_cache_with_their_checksum(tmp_path, monkeypatch) -> None:
    """The download itself needs a network; a file in torch's cache takes its place, and must have the right hash."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.download_url_to_file", refuse)
    with pytest.raises(InputError, match=r"could not be downloaded from https://download\.pytorch\.org/.*cnn.weights"):
        build_trunk("mobilenet_v2", "imagenet")


def refuse(*arguments, **options) -> None:
    raise OSError("no network")


def test_the_real_weights(real_data: Path) -> None:
    weights = real_data / "weights"
    check_weights("mobilenet_v2", str(weights / "mobilenet_v2_imagenet.safetensors"))
    check_weights("inception_v3", str(weights / "inception_v3_imagenet_partial.safetensors"))
    trunk = build_trunk("mobilenet_v2", str(weights / "mobilenet_v2_imagenet.safetensors"))
    given = load_file(weights / "mobilenet_v2_imagenet.safetensors")
    assert torch.equal(trunk.state_dict()["features.0.0.weight"], given["features.0.0.weight"].float())
