"""Count the parameters of the comparison systems at the size of their papers, without allocating them."""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import nn
from torchvision.models import googlenet

from vibhar.compression.sizes import count_parameters
from vibhar.features.cnn import BACKBONES, without_classifier
from vibhar.models.attention_conv_lstm import AttentionConvLSTM
from vibhar.models.classifier import RecurrentClassifier
from vibhar.models.i3d import I3D, TwoStreamI3D
from vibhar.models.temporal_segments import TemporalSegments
from vibhar.models.two_stream_lstm import TwoStreamLSTM


class Size(NamedTuple):
    """Parameters of a whole system (CNNs and head included) and of its recurrent part (0 if it has none)."""

    total: int
    recurrent: int


def full_scale_sizes(classes: int) -> dict[str, Size]:
    """Return the size of each system, by its name in the paper's Tables 2 and 3, for `classes` classes.

    The TS-LSTM is the paper's, on Inception v3 for RGB and for flow; Ma et al. use two ResNets.
    """
    with torch.device("meta"):
        two_stream = TwoStreamLSTM(512, 4096, classes)
        attention = AttentionConvLSTM((1024, 7, 7), classes)
        lstm = nn.LSTM(2 * 2048, 512)
        segments = RecurrentClassifier(
            lstm, nn.Linear(512, classes), segments=TemporalSegments(2 * 2048), readout="last"
        )
        images = googlenet(init_weights=False, aux_logits=False)
        i3d = TwoStreamI3D(*(I3D(images, (channels, 224, 224), classes) for channels in (3, 2)))
        return {
            "Two-Stream": size_of(
                ["vgg16_maps"], two_stream, [two_stream.map_stream, two_stream.feature_stream, two_stream.fusion]
            ),
            "Attention-ConvLSTM": size_of(["googlenet_maps"], attention, [attention.recurrent]),
            "Naive-TS-LSTM": size_of(["inception_v3"] * 2, segments, [lstm]),
            "Two-Stream I3D": size_of([], i3d, []),
        }


def size_of(trunks: Iterable[str], model: nn.Module, recurrent: Iterable[nn.Module]) -> Size:
    """Return the size of `model` together with the CNN trunks that give its features."""
    cnns = [without_classifier(BACKBONES[name]) for name in trunks]
    total = sum(count_parameters(part.parameters()) for part in [*cnns, model])
    return Size(total, sum(count_parameters(part.parameters()) for part in recurrent))
