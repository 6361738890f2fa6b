"""Read the user's own list of clips: a CSV file with clip, label, group and one column per split."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import pandas as pd

from vibhar.datasets import Listing, restrict
from vibhar.datasets.arrays import find_arrays
from vibhar.datasets.splits import Column, check_disjoint, check_trained, cut_validation
from vibhar.errors import InputError

FACTS = ("clip", "label", "group")
PARTS = ("train", "validation", "test", "unused")


def list_arrays(
    table: Path,
    root: Path,
    *,
    splits: Sequence[str],
    classes: Sequence[str] | None = None,
    validation: float = 0.2,
    seed: int = 0,
) -> Listing:
    """List the clips in `table`, with their array files below `root`.

    If a split has no validation clips, the share `validation` (0 to 1) of its training clips becomes the validation
    part, in whole groups. Raises InputError if the folder, the table or a split cannot be used.
    """
    files = find_arrays(root)
    rows = read_table(table, [*FACTS, *splits])
    rows.insert(1, "path", match_files(rows["clip"], files, table))
    check_unique(rows, table)
    unlisted = sorted(set(files) - set(rows["path"]))
    rows = rows if classes is None else restrict(rows, classes, table)
    clips = rows[rows["path"] != ""].sort_values("clip", ignore_index=True)
    if clips.empty:
        raise InputError(
            f"{table} names no array under {root}: it names {next(iter(rows['clip']), 'nothing')!r}, the disk holds "
            f"{files[0]!r}. A clip is the stem of its file, or its path below `root` with or without the suffix."
        )
    for split in splits:
        check_parts(clips, split, table)
        groups = clips["clip"] if split.startswith("clip") else clips["group"]
        clips[split] = complete_split(split, clips[split], clips["label"], groups, validation, seed)
    return Listing(clips, sorted(rows["clip"][rows["path"] == ""]), unlisted)


def read_table(table: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Return the given columns of the CSV file as text. Raises InputError for missing columns or empty cells."""
    try:
        rows = pd.read_csv(
            table, dtype=str, keep_default_na=False, index_col=False, skipinitialspace=True, encoding="utf-8-sig"
        ).fillna("")
    except OSError as error:
        raise InputError(
            f"The clip list {table} cannot be opened ({error.strerror}). Put it there, or correct `clips` in the "
            "config."
        ) from error
    except ValueError as error:  # pandas' own errors are subclasses of it
        raise InputError(
            f"The clip list {table} is not a CSV file in UTF-8 ({error}). Save it as one with the columns "
            f"{', '.join(columns)}."
        ) from error
    check_columns(rows, columns, table)
    return rows[list(columns)]


def check_columns(rows: pd.DataFrame, columns: Sequence[str], table: Path) -> None:
    """Raise InputError if a column is missing, or a cell of clip, label or group is empty."""
    for column in columns:
        if column not in rows:
            raise InputError(
                f"The clip list {table} has no column `{column}`; it has {', '.join(map(str, rows.columns))}. Add "
                "the column, or correct `splits` in the config."
            )
    for fact in FACTS:
        if (rows[fact] == "").any():
            line = 2 + int((rows[fact] == "").argmax())
            raise InputError(f"The clip list {table} has no {fact} in line {line}. Fill it in, or remove the line.")


def match_files(clips: Column, files: Sequence[str], table: Path) -> list[str]:
    """Return each clip's file, "" if there is none. Raises InputError if a clip's name fits several files."""
    named: defaultdict[str, set[str]] = defaultdict(set)
    for file in files:
        path = PurePosixPath(file)
        for name in (file, path.with_suffix("").as_posix(), path.stem):
            named[name].add(file)
    for clip in clips:
        if len(named[clip]) > 1:
            raise InputError(
                f"{table} names the clip {clip!r}, which may be any of {', '.join(sorted(named[clip]))}. Write its "
                "path below `root` with the suffix."
            )
    return ["".join(named[clip]) for clip in clips]


def check_unique(rows: pd.DataFrame, table: Path) -> None:
    """Raise InputError if a clip is in the table twice, under one name or under two."""
    twice = rows["path"].where(rows["path"] != "", rows["clip"]).duplicated()
    if twice.any():
        raise InputError(f"{table} lists the clip {rows['clip'][twice].iloc[0]!r} twice. Remove one of the lines.")


def check_parts(clips: pd.DataFrame, split: str, table: Path) -> None:
    """Raise InputError if a split column holds anything but names of parts, or has no test clip."""
    wrong = clips[~clips[split].isin(PARTS)]
    if len(wrong):
        raise InputError(
            f"{table} says {wrong[split].iloc[0]!r} for the clip {wrong['clip'].iloc[0]!r} in column `{split}`. Write "
            f"one of {', '.join(PARTS)}."
        )
    if not (clips[split] == "test").any():
        raise InputError(f"Column `{split}` of {table} has no test clip. Write 'test' for the clips to test on.")


def complete_split(name: str, parts: Column, labels: Column, groups: Column, validation: float, seed: int) -> Column:
    """Return the checked parts of a split; without validation clips, some of the training clips become these."""
    if not (parts == "validation").any():
        parts = cut_validation(parts, labels, groups, validation, seed)
    check_trained(name, parts, labels)
    check_disjoint(name, parts, groups)
    return parts
