"""Stage: download, read, draw or pretrain the weights of a CNN trunk, once for all shards."""

from pathlib import Path

import torch
from safetensors.torch import save_file

from vibhar.features.cnn import BACKBONES, build_trunk, describe_backbone, describe_modality, describe_weights
from vibhar.features.pretraining import pretrain
from vibhar.files.writing import complete, write_json
from vibhar.stages.command import Settings, run

WORKERS = 2


def prepare_weights(*, trunk: Path, description: Path, settings: Settings) -> None:
    """Write the checked weights of a trunk, and their description for the tables.

    `settings`: backbone, size, weights, label, seed, modality, flow_input; flow, where the weights come of it; and
    content, a hash of the user's file, by which the record of the weights tells what they were made of.
    """
    backbone, weights, seed = settings["backbone"], settings["weights"], settings["seed"]
    network = build_trunk(backbone, "random" if weights == "rendered" else weights, seed)
    if weights == "rendered":
        torch.set_num_threads(WORKERS)  # fixed, because rounding depends on the number of threads
        pretrain(network, BACKBONES[backbone].dim, seed=seed, workers=WORKERS, flow=settings["flow"])
    label = describe_weights(weights, settings["label"], seed, backbone)
    with complete(trunk) as temporary:
        save_file(network.state_dict(), temporary)
    write_json(
        {
            "backbone": describe_backbone(backbone, settings["size"]),
            "label": label + describe_modality(settings["modality"], settings["flow_input"]),
            "parameters": sum(parameter.numel() for parameter in network.parameters()),
        },
        description,
    )


if __name__ == "__main__":
    run(prepare_weights)
