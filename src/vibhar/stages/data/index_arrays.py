"""Stage: write the index of a dataset of features: label, group, splits and array of each clip."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd
from tqdm import tqdm

from vibhar.datasets.arrays import UnreadableArray, hash_array, read_array
from vibhar.datasets.clip_list import list_arrays
from vibhar.stages.command import Settings, run
from vibhar.stages.data.writing import write_index


class ArrayRecord(NamedTuple):
    """The facts of one array: `status` is "ok" or "unreadable"; an unreadable one has 0 frames and dim 0."""

    clip: str
    status: str
    reason: str = ""
    frames: int = 0
    dim: int = 0
    content: str = ""


def index_arrays(*, table: Path, root: Path, clips: Path, found: Path, settings: Settings) -> None:
    """Write the index of the clips in `table`, and to `found` which of them are missing or unlisted.

    `settings`: drop and content (of `write_index`), and the other arguments of `list_arrays`.
    Raises InputError where the table cannot be used.
    """
    drop, content = settings.pop("drop"), settings.pop("content")
    listing = list_arrays(table, root, **settings)
    files = zip(listing.clips["clip"], listing.clips["path"], strict=True)
    progress = tqdm(files, total=len(listing.clips), unit="clip", mininterval=5)
    records = mark_odd_dims(pd.DataFrame([examine(clip, root / path) for clip, path in progress]))
    index = listing.clips.merge(records, on="clip", validate="one_to_one")
    write_index(index, listing, clips, found, drop, content)


def examine(clip: str, path: Path) -> ArrayRecord:
    """Return the record of one clip's array: its sizes, or why it cannot be used."""
    try:
        array = read_array(path)
    except UnreadableArray as error:
        return ArrayRecord(clip, "unreadable", str(error))
    frames, dim = array.shape
    return ArrayRecord(clip, "ok", frames=frames, dim=dim, content=hash_array(array))


def mark_odd_dims(records: pd.DataFrame) -> pd.DataFrame:
    """Mark the records as unreadable whose dim differs from that of most clips."""
    readable = records["status"] == "ok"
    usual = records["dim"][readable].mode().head(1)
    odd = readable & ~records["dim"].isin(usual)
    reasons = [f"{dim} features a frame, where most clips have {usual.iloc[0]}" for dim in records["dim"][odd]]
    records.loc[odd, "reason"] = reasons
    records.loc[odd, "status"] = "unreadable"
    records.loc[odd, ["frames", "dim"]] = 0
    records.loc[odd, "content"] = ""
    return records


if __name__ == "__main__":
    run(index_arrays)
