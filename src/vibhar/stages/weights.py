"""Fetch, read or draw the weights of a CNN trunk, once for all shards."""

from pathlib import Path

from safetensors.torch import save_file

from vibhar.cnn import build_trunk, describe_weights
from vibhar.files import complete, write_json
from vibhar.stages import Settings, run


def prepare_weights(*, trunk: Path, description: Path, settings: Settings) -> None:
    """Write the checked weights of a trunk, and what the tables say of them.

    `settings`: backbone, weights, label, seed.
    """
    network = build_trunk(settings["backbone"], settings["weights"], settings["seed"])
    with complete(trunk) as temporary:
        save_file(network.state_dict(), temporary)
    write_json(
        {
            "backbone": settings["backbone"],
            "label": describe_weights(**settings),
            "parameters": sum(parameter.numel() for parameter in network.parameters()),
        },
        description,
    )


if __name__ == "__main__":
    run(prepare_weights)
