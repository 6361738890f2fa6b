"""Raw pixels as features: the trunk of the end-to-end LSTM of Table 1, which resizes, scales and learns nothing.

A size is (rows, columns) = (height, width) of the picture that the LSTM sees. The paper's is (160, 120): 160 rows of
120 columns, upright, though its clips are wider than high; the authors' code and that of the tensor baselines both
resize so. Pixel (row, column, channel) is input (row * columns + column) * 3 + channel, with channels R, G, B.
"""

from collections.abc import Callable

from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torchvision.transforms.v2.functional import resize

CHANNELS = 3
Size = tuple[int, int]


class Pixels(nn.Module):
    """Pictures to vectors, without a parameter."""

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B H*W*3"]:
        """The pixels, row by row, the three channels of each side by side."""
        return images.permute(0, 2, 3, 1).flatten(1)


def pixels(weights: None = None) -> Pixels:
    """The trunk, built as torchvision's are."""
    return Pixels()


def pixel_preprocessing(size: Size) -> Callable[[UInt8[Tensor, "B 3 H W"]], Float[Tensor, "B 3 h w"]]:
    """Resizing to `size`, whatever the shape of the picture, and scaling from 0 .. 255 to -1 .. 1.

    That is what the baselines' (pixel - 128) / 128 is. ImageNet's means and deviations are for weights that were
    trained with them; here grey is to be 0, because a pixel that is cut is 0 to the LSTM.
    """
    return lambda images: resize(images, list(size), antialias=True).float() / 127.5 - 1
