"""Stage: write the index of a dataset: label, group, splits and decoding record of each clip."""

from pathlib import Path

import pandas as pd

from vibhar.datasets import list_dataset
from vibhar.stages.command import Settings, run
from vibhar.stages.data.writing import write_index


def index_clips(*, decoded: list[Path], root: Path, clips: Path, found: Path, settings: Settings) -> None:
    """Write the index, and to `found` the check of split lists. `decoded` are the decoding records of all shards.

    `settings`: drop and content (of `write_index`), and the other arguments of `list_dataset`.
    """
    drop, content = settings.pop("drop"), settings.pop("content")
    listing = list_dataset(root=root, **settings)
    records = pd.concat([pd.read_parquet(path) for path in decoded]).drop(columns="frames_file")
    index = listing.clips.merge(records, on="clip", validate="one_to_one")
    write_index(index, listing, clips, found, drop, content)


if __name__ == "__main__":
    run(index_clips)
