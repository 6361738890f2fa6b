"""Read a user's own split of videos: a CSV file with the columns clip and part, or one column per split."""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from vibhar.datasets.clip_tables import check_filled, check_parts, check_unique, match_files, read_rows
from vibhar.datasets.spelling import check_listed
from vibhar.datasets.splits import Column
from vibhar.errors import InputError, few

SPLIT = "split1"  # what the column `part` is called in the config
NAME = re.compile(r"(split|group|clip)[0-9]+")


def read_split_file(
    table: Path, clips: pd.DataFrame, others: Sequence[str], root: Path
) -> tuple[dict[str, Column], list[str]]:
    """The part of each of `clips` in every split of the file, and the clips that it does not name, which are unused.

    `others` are the paths of clips that are there and are not wanted, which the file may name. Raises InputError where
    the file cannot be read, says something else than a part, or names clips that are not there or stand in it twice.
    """
    rows = read_rows(table, "split_file", ["clip", SPLIT])
    columns = few(rows.columns)
    rows = rows.rename(columns={"part": SPLIT} if SPLIT not in rows else {})
    splits = [column for column in map(str, rows.columns) if NAME.fullmatch(column)]
    if "clip" not in rows or not splits:
        raise InputError(
            f"The split file {table} has the columns {columns}. It needs the columns clip and part, or clip "
            f"and one for each split, called {SPLIT} and so on."
        )
    check_filled(rows, ["clip"], table)
    rows["path"] = match_files(rows["clip"], [*clips["path"], *others], table)
    check_unique(rows, table)
    check_found(rows, clips, root, table)
    rows = rows[rows["path"].isin(clips["path"])]
    for split in splits:
        check_parts(rows, split, table)
    unlisted = sorted(clips["clip"][~clips["path"].isin(rows["path"])])
    parts = {split: clips["path"].map(rows.set_index("path")[split]).fillna("unused") for split in splits}
    return parts, unlisted


def check_found(rows: pd.DataFrame, clips: pd.DataFrame, root: Path, table: Path) -> None:
    """Raise InputError where the file names clips that are not there."""
    gone = rows["clip"][rows["path"] == ""].tolist()
    if gone:
        check_listed(gone, sorted({*clips["path"]} - {*rows["path"]}), root, table)
        raise InputError(
            f"{table} names {len(gone)} clips that are not under {root}: {few(gone)}; a clip there is "
            f"{clips['path'].iloc[0]!r}. Correct the names, put the clips there, or remove the lines."
        )
