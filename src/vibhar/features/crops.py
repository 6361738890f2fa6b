"""Random crops of a clip's frames for training, drawn once and cached beside the central crop."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, UInt8
from torch import Tensor
from torchvision.transforms._presets import ImageClassification
from torchvision.transforms.v2.functional import convert_image_dtype, normalize, resize


class Draw(NamedTuple):
    """The position of a crop: `top` and `left` as shares (0 to 1) of the free space, in the mirror image or not."""

    top: float
    left: float
    mirrored: bool


def draw_crops(crops: int, flips: bool, seed: int) -> list[Draw]:
    """Draw `crops` - 1 random crops, the same for all frames of a clip; about half are mirrored if `flips`.

    A larger `crops` appends crops and does not change the first ones.
    """
    numbers = np.random.default_rng(seed).random((crops - 1, 3))
    return [Draw(top, left, bool(flips and coin < 0.5)) for top, left, coin in numbers.tolist()]


def crop(images: UInt8[Tensor, "B C H W"], preset: ImageClassification, draw: Draw) -> Float[Tensor, "B C h w"]:
    """Preprocess images as `preset` does, but crop at `draw` instead of the centre."""
    resized = resize(images, preset.resize_size, interpolation=preset.interpolation, antialias=preset.antialias)
    (side,) = preset.crop_size
    top = round(draw.top * (resized.shape[-2] - side))
    left = round(draw.left * (resized.shape[-1] - side))
    cropped = resized[..., top : top + side, left : left + side]
    return normalize(convert_image_dtype(cropped), preset.mean, preset.std)
