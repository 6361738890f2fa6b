"""Raw pixels as features: the trunk of Table 1's end-to-end LSTM, without any parameters.

A size is (rows, columns) = (height, width) of the picture that the LSTM sees. The paper's is (160, 120): 160 rows of
120 columns, upright, though its clips are wider than high; the authors' code and that of the tensor baselines both
resize to it. Pixel (row, column, channel) is input (row * columns + column) * 3 + channel, with channels R, G, B.
"""

from collections.abc import Callable

from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torchvision.transforms.v2.functional import resize

CHANNELS = 3
Size = tuple[int, int]


class Pixels(nn.Module):
    """Flatten pictures to vectors; it has no parameters."""

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B H*W*3"]:
        """Return the pixels row by row, with the three channels of each pixel side by side."""
        return images.permute(0, 2, 3, 1).flatten(1)


def pixels(weights: None = None) -> Pixels:
    """Build the trunk, with the signature of torchvision's builders; there are no weights."""
    return Pixels()


def pixel_preprocessing(size: Size) -> Callable[[UInt8[Tensor, "B 3 H W"]], Float[Tensor, "B 3 h w"]]:
    """Return a function that resizes to `size` (whatever the aspect ratio) and scales 0 .. 255 to -1 .. 1.

    The baselines' (pixel - 128) / 128 is nearly the same. Grey is 0, because a pixel that is cut is 0 to the LSTM;
    ImageNet's means and deviations are only for weights that were trained with them.
    """
    return lambda images: resize(images, list(size), antialias=True).float() / 127.5 - 1
