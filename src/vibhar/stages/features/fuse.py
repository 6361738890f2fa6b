"""Stage: concatenate the features of several CNNs, frame by frame."""

from pathlib import Path

import numpy as np

from vibhar.files.arrays import load_array, new_array
from vibhar.stages.command import run


def fuse_features(*, stores: list[Path], store: Path) -> None:
    """Write features [clip, view, crop, frame, sum of dims] of `stores`, which hold the same clips."""
    parts = [load_array(part) for part in stores]
    width = sum(part.shape[-1] for part in parts)
    with new_array(store, (*parts[0].shape[:-1], width)) as joined:
        for row, features in enumerate(zip(*parts, strict=True)):
            joined[row] = np.concatenate(features, axis=-1)


if __name__ == "__main__":
    run(fuse_features)
