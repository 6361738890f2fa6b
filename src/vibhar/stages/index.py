"""The index of a dataset: each clip's label, group, part of every split, and what its decoding showed."""

from pathlib import Path

import pandas as pd

from vibhar.datasets import Listing, list_dataset
from vibhar.errors import InputError
from vibhar.files import complete, write_json
from vibhar.inputs import check_splits
from vibhar.stages import Settings, run


def index_clips(*, decoded: list[Path], root: Path, clips: Path, summary: Path, settings: Settings) -> None:
    """Write the index and a summary of what could not be used. `decoded` are the decoding records of all shards.

    `settings`: max_unreadable, splits, and the other arguments of `list_dataset`.
    Raises InputError where more clips are unreadable than max_unreadable allows, or a split does not exist.
    """
    arguments = dict(settings)
    limit, wanted = arguments.pop("max_unreadable"), arguments.pop("splits")
    listing = list_dataset(arguments.pop("kind"), root, **arguments)
    records = pd.concat([pd.read_parquet(path) for path in decoded]).drop(columns="frames_file")
    index = listing.clips.merge(records, on="clip", validate="one_to_one")
    check_splits(list(index.columns), wanted)
    unreadable = index.query("status != 'ok'")
    check_unreadable(unreadable, len(index), limit, root)
    with complete(clips) as temporary:
        index.to_parquet(temporary)
    write_json(summarise(listing, index, unreadable), summary)


def check_unreadable(unreadable: pd.DataFrame, clips: int, limit: float, root: Path) -> None:
    """Raise InputError with the list where more than a share of `limit` of the clips cannot be read."""
    if len(unreadable) > limit * clips:
        reasons = ", ".join(f"{row.path} ({row.reason})" for row in unreadable.itertuples())
        raise InputError(
            f"{len(unreadable)} of {clips} clips of {root} cannot be read, more than the {limit:.1%} that "
            f"`data.max_unreadable` allows: {reasons}. Mend or remove them, or raise the limit."
        )


def summarise(listing: Listing, index: pd.DataFrame, unreadable: pd.DataFrame) -> dict[str, object]:
    """Counts, the clips that are not used with the reason, and a note for the tables."""
    counts = {
        "unreadable": len(unreadable),
        "named by the split lists and not on disk": len(listing.missing),
        "on disk and in no split list": len(listing.unlisted),
    }
    note = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return {
        "clips": len(index),
        "split_lists": listing.lists,
        "note": f"{len(index)} clips, {note}" if note else "",
        "unreadable": dict(zip(unreadable["clip"], unreadable["reason"], strict=True)),
        "missing": listing.missing,
        "unlisted": listing.unlisted,
    }


if __name__ == "__main__":
    run(index_clips)
