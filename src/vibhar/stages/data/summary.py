"""What of a dataset cannot be used, in a summary for the tables; too many unreadable clips stop the run here."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from vibhar.datasets import check_splits
from vibhar.errors import InputError
from vibhar.files.writing import write_json
from vibhar.stages.command import Settings, run


def summarise_clips(*, clips: Path, found: Path, root: Path, summary: Path, settings: Settings) -> None:
    """Write counts, the clips that are not used with the reason, and a note for the tables.

    `clips` is the index, `found` what its making found of split lists. `settings`: max_unreadable, splits.
    Raises InputError where more clips are unreadable than that share, or a split does not exist.
    """
    index = pd.read_parquet(clips)
    check_splits(list(index.columns), settings["splits"])
    unreadable = index.query("status != 'ok'")
    check_unreadable(unreadable, len(index), settings["max_unreadable"], root)
    write_json(summarise(index, unreadable, json.loads(found.read_text())), summary)


def check_unreadable(unreadable: pd.DataFrame, clips: int, limit: float, root: Path) -> None:
    """Raise InputError with the list where more than a share of `limit` of the clips cannot be read."""
    if len(unreadable) > limit * clips:
        reasons = ", ".join(f"{row.path} ({row.reason})" for row in unreadable.itertuples())
        raise InputError(
            f"{len(unreadable)} of {clips} clips of {root} cannot be read, more than the {limit:.1%} that "
            f"`data.max_unreadable` allows: {reasons}. Mend or remove them, or raise the limit."
        )


def summarise(index: pd.DataFrame, unreadable: pd.DataFrame, found: dict[str, Any]) -> dict[str, object]:
    """Counts, names and a note."""
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
