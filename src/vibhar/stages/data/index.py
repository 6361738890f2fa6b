"""The index of a dataset: each clip's label, group, part of every split, and what its decoding showed."""

from pathlib import Path

import pandas as pd

from vibhar.datasets import list_dataset
from vibhar.files.writing import complete, write_json
from vibhar.stages.command import Settings, run


def index_clips(*, decoded: list[Path], root: Path, clips: Path, found: Path, settings: Settings) -> None:
    """Write the index, and what was found of split lists. `decoded` are the decoding records of all shards.

    `settings`: content, a hash of the split lists, which is written beside what was found; and the other arguments of
    `list_dataset`.
    """
    content = settings.pop("content")
    listing = list_dataset(root=root, **settings)
    records = pd.concat([pd.read_parquet(path) for path in decoded]).drop(columns="frames_file")
    index = listing.clips.merge(records, on="clip", validate="one_to_one")
    with complete(clips) as temporary:
        index.to_parquet(temporary)
    write_json(listing.found() | {"content": content}, found)


if __name__ == "__main__":
    run(index_clips)
