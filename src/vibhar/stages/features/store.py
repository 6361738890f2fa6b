"""Stage: join the features of all shards in one store, in the index's order."""

from pathlib import Path

import pandas as pd

from vibhar.files.arrays import new_array
from vibhar.files.checked_arrays import open_array
from vibhar.stages.command import run


def build_store(*, shards: list[Path], decoded: list[Path], clips: Path, store: Path) -> None:
    """Write features [clip, view, crop, frame, dim] of the readable clips of the index `clips` to `store`.

    `shards` and `decoded` are the features and the decoding records of the same shards. The memory in use is that of
    one clip. Raises InputError if a shard is damaged.
    """
    position = {clip: row for row, clip in enumerate(pd.read_parquet(clips).query("status == 'ok'")["clip"])}
    parts = [open_array(shard) for shard in shards]
    shape = next(part.shape[1:] for part in parts if len(part))
    with new_array(store, (len(position), *shape)) as joined:
        for part, records in zip(parts, decoded, strict=True):
            names = pd.read_parquet(records).query("status == 'ok'")["clip"]
            for clip, features in zip(names, part.rows(), strict=True):
                joined[position[clip]] = features


if __name__ == "__main__":
    run(build_store)
