"""Fetch, read or draw the weights of a CNN trunk, once for all shards."""

from pathlib import Path

from safetensors.torch import save_file

from vibhar.cnn import build_trunk
from vibhar.stages import Settings, complete, run


def prepare_weights(*, trunk: Path, settings: Settings) -> None:
    """Write the checked weights of the trunk that `settings` names (the arguments of `build_trunk`) to `trunk`."""
    state = build_trunk(**settings).state_dict()
    with complete(trunk) as temporary:
        save_file(state, temporary)


if __name__ == "__main__":
    run(prepare_weights)
