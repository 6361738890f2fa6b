"""The index of a dataset: each clip's label, group, part of every split, and what its decoding showed."""

from pathlib import Path

import pandas as pd

from vibhar.datasets import list_dataset
from vibhar.stages.command import Settings, run
from vibhar.stages.data.writing import write_index


def index_clips(*, decoded: list[Path], root: Path, clips: Path, found: Path, settings: Settings) -> None:
    """Write the index, and what was found of split lists. `decoded` are the decoding records of all shards.

    `settings`: drop (of `write_index`), and the other arguments of `list_dataset`.
    """
    drop = settings.pop("drop")
    listing = list_dataset(root=root, **settings)
    records = pd.concat([pd.read_parquet(path) for path in decoded]).drop(columns="frames_file")
    index = listing.clips.merge(records, on="clip", validate="one_to_one")
    write_index(index, listing, clips, found, drop)


if __name__ == "__main__":
    run(index_clips)
