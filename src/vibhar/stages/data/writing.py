"""The files of an index: the clips, and what was found of their splits."""

from pathlib import Path

import pandas as pd

from vibhar.datasets import Listing
from vibhar.datasets.duplicates import drop_twins
from vibhar.files.writing import complete, write_json
from vibhar.stages.command import Settings


def write_index(
    index: pd.DataFrame, listing: Listing, clips: Path, found: Path, drop: Settings | None, content: str
) -> None:
    """Write both. With `drop` clips leave training that show the same as those of validation or test.

    `drop`: splits, and near_duplicates (of `drop_twins`). `content` is a hash of the lists that were read.
    Raises InputError where a class loses all training clips.
    """
    dropped: dict[str, int] = {}
    if drop:
        index, dropped = drop_twins(index, drop["splits"], drop["near_duplicates"])
    with complete(clips) as temporary:
        index.to_parquet(temporary)
    write_json(listing.found() | {"dropped": dropped, "content": content}, found)
