"""Join the features of all shards into one memory-mapped store, in the order of the clip index."""

from pathlib import Path

import numpy as np
import pandas as pd

from vibhar.files import complete
from vibhar.stages import run


def build_store(*, shards: list[Path], decoded: list[Path], clips: Path, store: Path) -> None:
    """Write features [clip, view, crop, frame, dim] of the readable clips of the index `clips` to `store`.

    `shards` and `decoded` are the features and the decoding records of the same shards.
    """
    position = {clip: row for row, clip in enumerate(pd.read_parquet(clips).query("status == 'ok'")["clip"])}
    first = next(array for array in map(open_array, shards) if len(array))
    with complete(store) as temporary:
        joined = np.lib.format.open_memmap(temporary, "w+", first.dtype, (len(position), *first.shape[1:]))
        for shard, records in zip(shards, decoded, strict=True):
            rows = [position[clip] for clip in pd.read_parquet(records).query("status == 'ok'")["clip"]]
            if rows:
                joined[rows] = open_array(shard)
        joined.flush()


def open_array(path: Path) -> np.ndarray:
    """The array in `path`, mapped."""
    return np.load(path, mmap_mode="r")


if __name__ == "__main__":
    run(build_store)
