"""CNN trunks for feature extraction: how to build them, load their weights and preprocess frames.

A trunk is a network of torchvision without its classifier, in evaluation mode: images in, globally pooled features out.
A trunk `*_maps` also returns its last feature map, averaged to a grid and flattened channel by channel, before the
features.
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import mean
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.error import URLError

import torch
from jaxtyping import Float, UInt8
from safetensors.torch import load_file
from torch import Tensor, nn
from torchvision import models

from vibhar.errors import InputError
from vibhar.features.maps import FeatureMap, prepend_map
from vibhar.features.pixels import CHANNELS, Size, pixel_preprocessing, pixels
from vibhar.features.small_cnn import DIM, WIDTHS, small_cnn, small_preprocessing


class Backbone(NamedTuple):
    """One of torchvision's networks: how to build it, its ImageNet weights, its features, its classifier's layers."""

    build: Callable[..., nn.Module]
    imagenet: Any  # a member of torchvision's weights enum; None where there are no such weights
    preprocess: Callable[..., Any]  # images to the network's input; takes a size if the network has no fixed one
    features: int  # features per image; per pixel if the network has no fixed input size
    heads: tuple[str, ...]
    auxiliary: tuple[str, ...] = ()  # heads that the weights file has and the built network lacks
    options: Mapping[str, Any] = MappingProxyType({})
    map: FeatureMap | None = None

    @property
    def dim(self) -> int:
        """The number of values that the trunk returns per image: those of its map, if any, and its features."""
        return self.features + (self.map.dim if self.map else 0)


BACKBONES = {
    "inception_v3": Backbone(
        models.inception_v3,
        models.Inception_V3_Weights.IMAGENET1K_V1,
        models.Inception_V3_Weights.IMAGENET1K_V1.transforms,
        features=2048,
        heads=("fc",),
        auxiliary=("AuxLogits",),
        options={"aux_logits": False, "transform_input": True, "init_weights": False},
    ),
    "efficientnet_b1": Backbone(
        models.efficientnet_b1,
        models.EfficientNet_B1_Weights.IMAGENET1K_V1,
        models.EfficientNet_B1_Weights.IMAGENET1K_V1.transforms,
        features=1280,
        heads=("classifier",),
    ),
    "mobilenet_v2": Backbone(
        models.mobilenet_v2,
        models.MobileNet_V2_Weights.IMAGENET1K_V1,
        models.MobileNet_V2_Weights.IMAGENET1K_V1.transforms,
        features=1280,
        heads=("classifier",),
    ),
    "googlenet": Backbone(
        models.googlenet,
        models.GoogLeNet_Weights.IMAGENET1K_V1,
        models.GoogLeNet_Weights.IMAGENET1K_V1.transforms,
        features=1024,
        heads=("fc",),
        auxiliary=("aux1", "aux2"),
        options={"aux_logits": False, "transform_input": True, "init_weights": False},
    ),
    "vgg16_maps": Backbone(
        models.vgg16,
        models.VGG16_Weights.IMAGENET1K_V1,
        models.VGG16_Weights.IMAGENET1K_V1.transforms,
        features=4096,  # those of the first fully connected layer
        heads=("classifier.3", "classifier.6"),
        options={"init_weights": False},
        map=FeatureMap("features", 512, 1, 1),
    ),
    "small_cnn": Backbone(small_cnn, None, small_preprocessing, features=DIM, heads=("head",)),
    "pixels": Backbone(pixels, None, pixel_preprocessing, features=CHANNELS, heads=()),
}
BACKBONES |= {
    "googlenet_maps": BACKBONES["googlenet"]._replace(map=FeatureMap("inception5b", 1024, 7, 7)),
    "mobilenet_v2_maps": BACKBONES["mobilenet_v2"]._replace(map=FeatureMap("features", 1280, 3, 3)),
    "small_cnn_maps": BACKBONES["small_cnn"]._replace(map=FeatureMap("features.3", WIDTHS[-1], 4, 4)),
}


def build_trunk(name: str, weights: str, seed: int = 0, channels: int = 3) -> nn.Module:
    """Build the trunk `name` with `weights` for inference: images [B, channels, H, W] to features [B, dim].

    `weights` is "imagenet" (torchvision's, downloaded and checked), "random" (drawn from `seed`), "none" (of a trunk
    that has none), or the path of a file with torchvision's key names. If `channels` is not 3, the weights of the
    first convolution are averaged over RGB. Raises InputError if the weights cannot be loaded or do not fit.
    """
    backbone = BACKBONES[name]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        trunk = without_classifier(backbone)
        if weights == "random":
            initialise_randomly(trunk, preprocessing(name))
        elif weights != "none":
            load_trunk(trunk, backbone, weights)
    if channels != 3:
        take_channels(trunk, channels)
    return trunk.eval().requires_grad_(False)


def preprocessing(
    name: str, size: Size | None = None, channels: int = 3
) -> Callable[[UInt8[Tensor, "B C H W"]], Float[Tensor, "B C h w"]]:
    """Return torchvision's resizing, cropping and normalising for the backbone; "pixels" resizes to `size`.

    If the channels are not RGB, the mean is 0.5 and the standard deviation is the mean of the three (as in TSN).
    """
    if size is not None:
        return BACKBONES[name].preprocess(size)
    preset = BACKBONES[name].preprocess()
    if channels != 3:
        preset.mean, preset.std = [0.5] * channels, [mean(preset.std)] * channels
    return preset


def take_channels(trunk: nn.Module, channels: int) -> None:
    """Adapt a trunk in place to any number of channels, by averaging its first convolution (cross-modality, TSN)."""
    first = next((module for module in trunk.modules() if isinstance(module, nn.Conv2d)), None)
    if first is not None:
        averaged = first.weight.detach().mean(dim=1, keepdim=True)
        first.weight = nn.Parameter(averaged.repeat(1, channels, 1, 1), requires_grad=False)
        first.in_channels = channels
    if isinstance(trunk, models.Inception3 | models.GoogLeNet):
        trunk.transform_input = False  # its own normalising is for three channels


def load_trunk(trunk: nn.Module, backbone: Backbone, weights: str) -> None:
    """Load ImageNet weights or a file into `trunk`; keys of the classifier and auxiliary heads are ignored."""
    state = download(backbone) if weights == "imagenet" else read_weights(Path(weights))
    given = without_heads(state, backbone)
    check_shapes({key: tensor.shape for key, tensor in given.items()}, trunk, weights)
    trunk.load_state_dict({key: tensor.float() for key, tensor in given.items()}, strict=False)


def without_heads(entries: dict[str, Any], backbone: Backbone) -> dict[str, Any]:
    """Return the entries of a state dict without those of the classifier and auxiliary heads."""
    heads = tuple(f"{head}." for head in (*backbone.heads, *backbone.auxiliary))
    return {key: value for key, value in entries.items() if not key.startswith(heads)}


def check_shapes(given: dict[str, torch.Size], trunk: nn.Module, weights: str) -> None:
    """Raise InputError if the keys or shapes of a weights file are not those of `trunk`."""
    expected = {key: tensor.shape for key, tensor in trunk.state_dict().items()}
    # A counter of training steps, which some exports leave out; inference does not read it.
    needed = {key for key in expected if not key.endswith("num_batches_tracked")}
    faults = [f"{key} is missing" for key in sorted(needed - given.keys())]
    faults += [f"{key} is unknown" for key in sorted(given.keys() - expected.keys())]
    faults += [
        f"{key} is {tuple(given[key])}, not {tuple(expected[key])}"
        for key in needed & given.keys()
        if given[key] != expected[key]
    ]
    if faults:
        raise InputError(
            f"The weights {weights} do not fit {type(trunk).__name__}: {len(faults)} keys are wrong, among them: "
            f"{'; '.join(faults[:3])}. Give a file with torchvision's key names for this network."
        )


def check_weights(name: str, weights: str) -> None:
    """Raise InputError if a weights file does not fit the backbone `name`; no network is run."""
    backbone = BACKBONES[name]
    with torch.device("meta"):
        trunk = without_classifier(backbone)
    given = without_heads(read_weights(Path(weights)), backbone)
    check_shapes({key: tensor.shape for key, tensor in given.items()}, trunk, weights)


def without_classifier(backbone: Backbone) -> nn.Module:
    """Build the network without its classifier, with initial weights; its map, if any, comes before the features."""
    trunk = backbone.build(weights=None, **backbone.options)
    for head in backbone.heads:
        trunk.set_submodule(head, nn.Identity())
    if backbone.map:
        prepend_map(trunk, backbone.map)
    return trunk


def describe_backbone(name: str, size: Size | None) -> str:
    """Return the name of the network for the tables."""
    return name if size is None else f"{name} {size[0]}x{size[1]}"


def describe_modality(modality: str, flow_input: str) -> str:
    """Return the text that tables add to the weights of a network that sees optical flow; else ""."""
    shown = {"image": "(u, v, magnitude)", "stack": "u and v, first convolution averaged over RGB"}
    return f" on flow: {shown[flow_input]}" if modality == "flow" else ""


def describe_weights(weights: str, label: str | None, seed: int, backbone: str) -> str:
    """Return the text that describes the weights in the tables."""
    if weights == "none":
        return label or weights
    if weights in ("random", "rendered"):
        return label or f"{weights} (seed {seed})"
    if weights == "imagenet":
        return label or f"ImageNet ({BACKBONES[backbone].imagenet.name})"
    digest = hashlib.sha256(Path(weights).read_bytes()).hexdigest()
    return f"{label or Path(weights).name} (sha256 {digest[:8]})"


def download(backbone: Backbone) -> dict[str, Tensor]:
    """Return torchvision's ImageNet weights, from its cache or server, checksum verified. May raise InputError."""
    try:
        return backbone.imagenet.get_state_dict(progress=False, check_hash=True)
    except (URLError, OSError, RuntimeError) as error:
        raise InputError(
            f"The ImageNet weights of {backbone.build.__name__} could not be downloaded from {backbone.imagenet.url} "
            f"({error}). Connect this machine, or put the file into {torch.hub.get_dir()}/checkpoints, or name a file "
            "of your own as `cnn.weights`."
        ) from error


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read a state dict from a .safetensors file or a .pth file of tensors alone. Raises InputError if that fails."""
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise InputError(f"The weights file {path} does not exist. Correct `cnn.weights` in the config.") from error
    except Exception as error:  # every reader has its own exceptions for a file that is not what it says
        raise InputError(
            f"The weights file {path} cannot be read ({type(error).__name__}: {str(error).splitlines()[0]}). It must "
            "be a .safetensors file, or a .pth file that torch.load accepts with weights_only=True."
        ) from error


def initialise_randomly(trunk: nn.Module, preprocess: Callable[[Tensor], Tensor]) -> None:
    """Initialise convolutions He-normal, and batch norms with the statistics of seeded noise images.

    Without these statistics the activations of a deep random network in evaluation mode shrink to almost 0. Noise of
    several spatial scales replaces photographs, so that the weights depend on no image of any dataset.
    """
    trunk.eval()
    for module in trunk.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0  # the statistics of the one batch below
            module.train()
    scales = [torch.rand(8, 3, size, size) for size in (4, 16, 64)]
    noise = torch.cat([nn.functional.interpolate(scale, size=256, mode="bicubic") for scale in scales])
    with torch.no_grad():
        trunk(preprocess(noise.clamp(0, 1).mul(255).to(torch.uint8)))
