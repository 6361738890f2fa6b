"""Stage: summarise the unusable clips of a dataset; fail if too many are unreadable."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from vibhar.datasets import check_splits
from vibhar.datasets.duplicates import describe_twins
from vibhar.datasets.surveying import OWN, find_unused
from vibhar.errors import InputError, few
from vibhar.files.writing import write_json
from vibhar.stages.command import Settings, run

NAMED = 100  # files that are named for each reason


def summarise_clips(*, clips: Path, found: Path, root: Path, summary: Path, settings: Settings) -> None:
    """Write counts, the clips and the files that are not used with the reason, and a note for the tables.

    `clips` is the index, `found` what its making found of split lists. `settings`: max_unreadable, splits, kind, tables
    (files below the root that say what is a clip or its part), near_duplicates (bits, or null), unused (a hash).
    Raises InputError where more clips are unreadable than that share, or a split does not exist.
    """
    index, lists = pd.read_parquet(clips), json.loads(found.read_text())
    check_splits(list(index.columns), settings["splits"], lists["split_lists"])
    unreadable = index.query("status != 'ok'")
    check_unreadable(unreadable, len(index), settings["max_unreadable"], root)
    twins = describe_twins(index, settings["splits"], settings["near_duplicates"])
    unused = find_unused(settings["kind"], root, settings["tables"])
    note = describe(index, unreadable, unused, lists, twins["note"])
    details = {
        "unreadable": dict(zip(unreadable["clip"], unreadable["reason"], strict=True)),
        "unused": group_by_reason(unused),
        "duplicates": twins,
    }
    write_json({"clips": len(index), "note": note, **details, **lists}, summary)


def check_unreadable(unreadable: pd.DataFrame, clips: int, limit: float, root: Path) -> None:
    """Raise InputError with the first of them where more than a share of `limit` of the clips cannot be read."""
    if len(unreadable) > limit * clips:
        reasons = few(f"{row.path} ({row.reason})" for row in unreadable.itertuples())
        raise InputError(
            f"{len(unreadable)} of {clips} clips of {root} cannot be read, more than the {limit:.1%} that "
            f"`data.max_unreadable` allows: {reasons}. Repair or remove them, or raise the limit."
        )


def group_by_reason(unused: dict[str, str]) -> dict[str, dict[str, Any]]:
    """For each reason the number of files that are not used, and the first of them."""
    files = {reason: [path for path, why in unused.items() if why == reason] for reason in unused.values()}
    return {reason: {"files": len(paths), "first": paths[:NAMED]} for reason, paths in sorted(files.items())}


def describe(
    index: pd.DataFrame,
    unreadable: pd.DataFrame,
    unused: dict[str, str],
    found: dict[str, Any],
    twins: str,
) -> str:
    """The note for the tables; empty where every file is a clip that is used, and none shows the same as another."""
    counts = {
        "unreadable": len(unreadable),
        "named by the split lists and not on disk": len(found["missing"]),
        "on disk and in no split list": len(found["unlisted"]),
    }
    notes = [f"{count} {what}" for what, count in counts.items() if count]
    odd = Counter(reason for reason in unused.values() if reason != OWN)
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(odd.items()))
    notes += [f"{odd.total()} files not used ({reasons})"] * bool(odd)
    notes += [*found["notes"], *filter(None, [twins])]
    dropped = {split: count for split, count in found["dropped"].items() if count}
    notes += [f"in {split} {count} clips dropped that validation or test shows" for split, count in dropped.items()]
    return f"{len(index)} clips, {', '.join(notes)}" if notes else ""


if __name__ == "__main__":
    run(summarise_clips)
