"""Put the features of several CNNs side by side, frame by frame."""

from pathlib import Path

import numpy as np

from vibhar.files import complete
from vibhar.stages import run


def fuse_features(*, stores: list[Path], store: Path) -> None:
    """Write features [clip, view, crop, frame, sum of dims] of `stores`, of the same clips."""
    parts = [np.load(part, mmap_mode="r") for part in stores]
    width = sum(part.shape[-1] for part in parts)
    with complete(store) as temporary:
        joined = np.lib.format.open_memmap(temporary, "w+", np.float16, (*parts[0].shape[:-1], width))
        for row, features in enumerate(zip(*parts, strict=True)):
            joined[row] = np.concatenate(features, axis=-1)
        joined.flush()


if __name__ == "__main__":
    run(fuse_features)
