"""Stage: summarise the unusable clips of a dataset; fail if too many are unreadable."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from vibhar.datasets import check_splits
from vibhar.errors import InputError
from vibhar.files.writing import write_json
from vibhar.stages.command import Settings, run


def summarise_clips(*, clips: Path, found: Path, root: Path, summary: Path, settings: Settings) -> None:
    """Write counts, the unreadable clips with reasons, and a note for the tables.

    `clips` is the index, `found` the check of split lists. `settings`: max_unreadable (a share), splits.
    Raises InputError if more clips are unreadable than that share, or a split does not exist.
    """
    index = pd.read_parquet(clips)
    check_splits(list(index.columns), settings["splits"])
    unreadable = index.query("status != 'ok'")
    check_unreadable(unreadable, len(index), settings["max_unreadable"], root)
    write_json(summarise(index, unreadable, json.loads(found.read_text())), summary)


def check_unreadable(unreadable: pd.DataFrame, clips: int, limit: float, root: Path) -> None:
    """Raise InputError, with a list, if more than the share `limit` of the clips is unreadable."""
    if len(unreadable) > limit * clips:
        reasons = ", ".join(f"{row.path} ({row.reason})" for row in unreadable.itertuples())
        raise InputError(
            f"{len(unreadable)} of {clips} clips of {root} cannot be read, more than the {limit:.1%} that "
            f"`data.max_unreadable` allows: {reasons}. Repair or remove them, or raise the limit."
        )


def summarise(index: pd.DataFrame, unreadable: pd.DataFrame, found: dict[str, Any]) -> dict[str, object]:
    """Return the summary: number of clips, note for the tables, unreadable clips, check of split lists."""
    counts = {
        "unreadable": len(unreadable),
        "named by the split lists and not on disk": len(found["missing"]),
        "on disk and in no split list": len(found["unlisted"]),
    }
    note = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return {
        "clips": len(index),
        "note": f"{len(index)} clips, {note}" if note else "",
        "unreadable": dict(zip(unreadable["clip"], unreadable["reason"], strict=True)),
        **found,
    }


if __name__ == "__main__":
    run(summarise_clips)
