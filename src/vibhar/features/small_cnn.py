"""A small CNN for 64 x 64 images, which trains on a CPU in about a minute."""

from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn
from torchvision.transforms._presets import ImageClassification

DIM = 256
WIDTHS = (3, 24, 48, 96, 192)
RESIZED, CROPPED = 72, 64


class SmallCNN(nn.Module):
    """Four strided convolutions and a linear layer. There is no pooling, because a pose depends on positions."""

    def __init__(self) -> None:
        super().__init__()
        blocks = [
            nn.Sequential(nn.Conv2d(inner, outer, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(outer), nn.ReLU())
            for inner, outer in pairwise(WIDTHS)
        ]
        self.features = nn.Sequential(*blocks, nn.Flatten(), nn.Linear(WIDTHS[-1] * 16, DIM), nn.ReLU())
        self.head: nn.Module = nn.Identity()

    def forward(self, images: Float[Tensor, "B 3 64 64"]) -> Float[Tensor, "B 256"]:
        """Return the features, passed through the head if one is set."""
        return self.head(self.features(images))


def small_cnn(weights: None = None) -> SmallCNN:
    """Build the network, with the signature of torchvision's builders; there are no pretrained weights."""
    return SmallCNN()


def small_preprocessing() -> ImageClassification:
    """Return torchvision's resizing, cropping and normalising, to 64 x 64."""
    return ImageClassification(crop_size=CROPPED, resize_size=RESIZED)
