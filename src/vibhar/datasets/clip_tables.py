"""Read a user's CSV file of clips, match the clips to files, and report every fault."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import pandas as pd

from vibhar.datasets.splits import Column
from vibhar.errors import InputError, few

PARTS = ("train", "validation", "test", "unused")


def read_table(table: Path, columns: Sequence[str], facts: Sequence[str]) -> pd.DataFrame:
    """Some columns of the CSV file as text. Raises InputError where one is not there, or a fact is left empty."""
    rows = read_rows(table, "clips", columns)
    check_columns(rows, columns, table)
    check_filled(rows, facts, table)
    return rows[list(columns)]


def read_rows(table: Path, key: str, columns: Sequence[str]) -> pd.DataFrame:
    """All of the CSV file that the config's `key` names, as text. Raises InputError where it is none."""
    try:
        return pd.read_csv(
            table, dtype=str, keep_default_na=False, index_col=False, skipinitialspace=True, encoding="utf-8-sig"
        ).fillna("")
    except OSError as error:
        raise InputError(
            f"The clip list {table} cannot be opened ({error.strerror}). Put it there, or correct `{key}` in the "
            "config."
        ) from error
    except ValueError as error:  # pandas' own errors are such
        raise InputError(
            f"The clip list {table} is not a CSV file in UTF-8 ({error}). Save it as one with the columns "
            f"{', '.join(columns)}."
        ) from error


def check_columns(rows: pd.DataFrame, columns: Sequence[str], table: Path) -> None:
    """Raise InputError where a column is not there."""
    for column in columns:
        if column not in rows:
            raise InputError(
                f"The clip list {table} has no column `{column}`; it has {few(rows.columns)}. Add the column, or "
                "correct `splits` in the config."
            )


def check_filled(rows: pd.DataFrame, facts: Sequence[str], table: Path) -> None:
    """Raise InputError where a fact is left empty."""
    for fact in facts:
        if (rows[fact] == "").any():
            line = 2 + int((rows[fact] == "").argmax())
            raise InputError(f"The clip list {table} has no {fact} in line {line}. Fill it in, or remove the line.")


def match_files(clips: Column, files: Sequence[str], table: Path) -> list[str]:
    """The file of each clip, empty where there is none. Raises InputError where a clip's name fits several files.

    A clip is named by its path below the root, or by the last parts of it, with or without the suffix.
    """
    named: defaultdict[str, set[str]] = defaultdict(set)
    for file in files:
        parts = PurePosixPath(file).parts
        for start in range(len(parts)):
            end = PurePosixPath(*parts[start:])
            for name in (end.as_posix(), end.with_suffix("").as_posix()):
                named[name].add(file)
    matched = [{clip} if clip in named[clip] else named[clip] for clip in clips]
    for clip, fitting in zip(clips, matched, strict=True):
        if len(fitting) > 1:
            raise InputError(
                f"{table} names the clip {clip!r}, which may be any of {few(sorted(fitting))}. Write its path below "
                "`root` with the suffix."
            )
    return ["".join(fitting) for fitting in matched]


def check_unique(rows: pd.DataFrame, table: Path) -> None:
    """Raise InputError where a clip stands twice in the table, by one name or by two."""
    twice = rows["path"].where(rows["path"] != "", rows["clip"]).duplicated()
    if twice.any():
        raise InputError(f"{table} lists the clip {rows['clip'][twice].iloc[0]!r} twice. Remove one of the lines.")


def check_parts(clips: pd.DataFrame, split: str, table: Path) -> None:
    """Raise InputError where a split holds anything but the names of parts, or tests nothing."""
    wrong = clips[~clips[split].isin(PARTS)]
    if len(wrong):
        raise InputError(
            f"{table} says {wrong[split].iloc[0]!r} for the clip {wrong['clip'].iloc[0]!r} in column `{split}`. Write "
            f"one of {', '.join(PARTS)}."
        )
    if not (clips[split] == "test").any():
        raise InputError(f"Column `{split}` of {table} has no test clip. Write 'test' for the clips to test on.")
