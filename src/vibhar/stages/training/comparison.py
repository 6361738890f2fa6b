"""Stage: train a comparison system of another paper, without bottlenecks or pruning."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import torch
from safetensors.torch import save_file
from torchvision.models import GoogLeNet

from vibhar.device import best_device
from vibhar.features.cnn import BACKBONES, build_trunk
from vibhar.features.fused import JoinedArray
from vibhar.features.store import SplitData, open_split
from vibhar.files.writing import complete, write_json
from vibhar.models.attention_conv_lstm import AttentionConvLSTM
from vibhar.models.classifier import parameter_groups
from vibhar.models.i3d import I3D, TwoStreamI3D
from vibhar.models.two_stream_lstm import TwoStreamLSTM
from vibhar.stages.command import Settings, run
from vibhar.training.loop import Schedule, label_loss, train
from vibhar.training.measures import report_run
from vibhar.training.resuming import Checkpoint, checkpoint_beside
from vibhar.workflow.provenance import work_identity

Network = TwoStreamLSTM | AttentionConvLSTM | TwoStreamI3D


def train_comparison(
    *,
    store: Path,
    clips: Path,
    model: Path,
    history: Path,
    metrics: Path,
    method: str,
    dataset: str,
    split: str,
    seed: int,
    settings: Settings,
) -> None:
    """Write the trained network, its history and its metrics. The two streams of I3D are trained separately.

    `settings`: backbone, shapes, network (arguments of its class; for I3D weights and dropout), training, strategy.
    """
    data = open_split(store, clips, split, strategy=settings["strategy"])
    schedule = Schedule(**settings["training"])
    torch.manual_seed(seed)
    network = build_network(method, data, seed, settings).to(best_device())
    histories: list[pd.DataFrame] = []
    checkpoints: list[Checkpoint] = []
    for part, seen in parts_of(network, data):
        checkpoints.append(checkpoint_beside(model, work_identity, f"training-{len(checkpoints)}"))
        parts = parameter_groups(part), seen.training, seen.validation
        rows = train(part, *parts, schedule, label_loss(schedule), seed=seed, checkpoint=checkpoints[-1])
        histories.append(rows.assign(part=type(part).__name__))
    pd.concat(histories).to_csv(history, index=False)
    with complete(model) as temporary:
        save_file({name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}, temporary)
    write_json(report_run(network, data, method=method, dataset=dataset, split=split, seed=seed), metrics)
    for checkpoint in checkpoints:
        checkpoint.discard()


def build_network(method: str, data: SplitData, seed: int, settings: Settings) -> Network:
    """Build the network for a backbone's maps, or for pictures of the `shapes` (channels, rows, columns)."""
    options, classes = settings["network"], len(data.classes)
    if method == "two_stream_i3d":
        images = build_trunk("googlenet", options["weights"], seed).requires_grad_(True)
        assert isinstance(images, GoogLeNet)
        rgb, flow = (I3D(images, tuple(shape), classes, dropout=options["dropout"]) for shape in settings["shapes"])
        return TwoStreamI3D(rgb, flow)
    backbone = BACKBONES[settings["backbone"]]
    assert backbone.map, "the config's check lets no other backbones pass"
    if method == "two_stream_lstm":
        return TwoStreamLSTM(backbone.map.dim, backbone.features, classes, **options)
    return AttentionConvLSTM(backbone.map.shape, classes, **options)


def parts_of(network: Network, data: SplitData) -> list[tuple[Network | I3D, SplitData]]:
    """Return the parts of a network that are trained separately, each with the features that it sees."""
    if not isinstance(network, TwoStreamI3D):
        return [(network, data)]
    return [(network.rgb, part_of(data, 0)), (network.flow, part_of(data, 1))]


def part_of(data: SplitData, number: int) -> SplitData:
    """Return the same clips with one part of their fused features."""
    assert isinstance(data.training.features, JoinedArray), "the config's check lets no others pass"
    part = data.training.features.parts[number]
    training, validation, test = (
        replace(clips, features=part) for clips in (data.training, data.validation, data.test)
    )
    return SplitData(training, validation, test, data.classes)


if __name__ == "__main__":
    run(train_comparison)
