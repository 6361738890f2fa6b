"""A small CNN for 64 x 64 images, of a size that a processor can train in a minute."""

from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn
from torchvision.transforms._presets import ImageClassification

DIM = 256
WIDTHS = (3, 24, 48, 96, 192)
RESIZED, CROPPED = 72, 64


class SmallCNN(nn.Module):
    """Four strided convolutions and a linear layer. A pose is where things are, so that nothing is pooled away."""

    def __init__(self) -> None:
        super().__init__()
        blocks = [
            nn.Sequential(nn.Conv2d(inner, outer, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(outer), nn.ReLU())
            for inner, outer in pairwise(WIDTHS)
        ]
        self.features = nn.Sequential(*blocks, nn.Flatten(), nn.Linear(WIDTHS[-1] * 16, DIM), nn.ReLU())
        self.head: nn.Module = nn.Identity()

    def forward(self, images: Float[Tensor, "B 3 64 64"]) -> Float[Tensor, "B 256"]:
        """Features, or what a head makes of them."""
        return self.head(self.features(images))


def small_cnn(weights: None = None) -> SmallCNN:
    """The network, built as torchvision's are."""
    return SmallCNN()


def small_preprocessing() -> ImageClassification:
    """Resizing, cropping and normalising as torchvision does it for its networks, to 64 x 64."""
    return ImageClassification(crop_size=CROPPED, resize_size=RESIZED)
