"""List the clips of a dataset on disk in one table: path, label, group, and part in every split.

No video is decoded. One adapter module per dataset knows its folders, file names and official split lists.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from vibhar.datasets.prepared import SPLIT
from vibhar.datasets.spelling import check_listed
from vibhar.datasets.split_file import read_split_file
from vibhar.datasets.splits import (
    Column,
    check_disjoint,
    check_trained,
    clip_folds,
    count_shared,
    cut_validation,
    group_folds,
)
from vibhar.datasets.surveying import ADAPTERS, find_clips, survey
from vibhar.errors import InputError

OFFICIAL = ("hmdb51", "ucf101")  # those with official split lists


class Listing(NamedTuple):
    """The clips of a dataset, and the differences between its split lists and its files.

    `clips` has the columns clip (a unique name), path (below the root), label, group, and one a split, which holds
    "train", "validation", "test" or "unused". `missing` are named by a split list and not on disk; `unlisted` are on
    disk and in no list. All are sorted. `lists` says where the lists are from, if there are any; `notes` are for the
    tables.
    """

    clips: pd.DataFrame
    missing: list[str]
    unlisted: list[str]
    lists: str = ""
    notes: tuple[str, ...] = ()

    def found(self) -> dict[str, Any]:
        """All but the clips, for a file."""
        found = {"split_lists": self.lists, "missing": self.missing, "unlisted": self.unlisted}
        return found | {"notes": list(self.notes)}


class Parts(NamedTuple):
    """The part of each clip in every split, as some lists say it, and how these and the disk differ.

    Splits that are `given` are a user's: a group on two sides of them is told, not refused.
    """

    columns: dict[str, Column]
    lists: str = ""
    missing: Sequence[str] = ()
    unlisted: Sequence[str] = ()
    given: bool = False


def list_dataset(
    kind: str,
    root: Path,
    *,
    classes: Sequence[str] | None = None,
    splits_root: str | Path | None = None,
    split_file: str | Path | None = None,
    folds: int = 5,
    validation: float = 0.2,
    group_pattern: str | None = None,
    seed: int = 0,
) -> Listing:
    """List the dataset of `kind` ("ucf11", "hmdb51", "ucf101" or "folders") at `root`.

    UCF101 and HMDB51 have their official splits split1 to split3; folders train, val and test are split1; the others
    have group1 .. groupF, disjoint by group, and clip1 .. clipF, which are not (F = `folds`). `split_file` has splits
    of the user's own besides. `validation` is the share of the training clips that is set apart.
    Raises InputError where the folder, the lists or the splits cannot be used.
    """
    clips = find_clips(kind, root, classes=classes, group_pattern=group_pattern)
    if split_file:
        parts = own_parts(Path(split_file), kind, root, clips)
    elif "part" in clips:
        parts = Parts({SPLIT: clips["part"]}, "the folders train, val and test", given=True)
    elif kind in OFFICIAL:
        parts = official_parts(kind, root, splits_root, clips, classes)
    else:
        fold_groups = clips["number"] if kind == "ucf11" else clips["group"]
        by_group = group_folds(fold_groups, clips["label"], folds)
        parts = Parts(by_group | clip_folds(clips["clip"], clips["label"], folds, seed))
    notes: list[str] = []
    for name, column in parts.columns.items():
        groups = clips["clip"] if name.startswith("clip") else clips["group"]
        if parts.given:
            clips[name] = finish_given(name, column, clips["label"], groups, validation, seed)
            notes += note_shared(name, clips[name], groups)
        else:
            clips[name] = cut_validation(column, clips["label"], groups, validation, seed)
            check_trained(name, clips[name], clips["label"])
            # HMDB51's official test parts share source videos with training clips of other actions.
            check_disjoint(name, clips[name].replace("test", "unused") if kind == "hmdb51" else clips[name], groups)
    clips = clips.drop(columns=["number", "part"], errors="ignore")
    return Listing(clips, [*parts.missing], [*parts.unlisted], parts.lists, tuple(notes))


def official_parts(
    kind: str, root: Path, splits_root: str | Path | None, clips: pd.DataFrame, classes: Sequence[str] | None
) -> Parts:
    """What the official lists say. Raises InputError where they are not those of these clips."""
    lists, origin = read_lists(kind, root, splits_root, clips)
    missing, unlisted = compare(lists, clips, None)
    check_listed(missing, unlisted, root, origin)
    columns = {name: assign_parts(clips, entries, root) for name, entries in lists.items()}
    missing, unlisted = compare(lists, clips, classes)
    return Parts(columns, origin, missing, unlisted)


def own_parts(table: Path, kind: str, root: Path, clips: pd.DataFrame) -> Parts:
    """What a user's file says; clips of classes that are not wanted may stand in it."""
    others = sorted({*survey(kind, root).clips["path"]} - {*clips["path"]})
    columns, unlisted = read_split_file(table, clips, others, root)
    return Parts(columns, str(table), unlisted=unlisted, given=True)


def finish_given(name: str, parts: Column, labels: Column, groups: Column, validation: float, seed: int) -> Column:
    """A split that the user has made, with validation clips cut from the training ones where it has none."""
    if not (parts == "validation").any():
        parts = cut_validation(parts, labels, groups, validation, seed)
    check_trained(name, parts, labels, "Give it some, or leave it out by `classes`.")
    return parts


def note_shared(name: str, parts: Column, groups: Column) -> list[str]:
    """A note where groups stand in several parts of a split that the user has made."""
    shared = count_shared(parts, groups)
    return [f"in {name} {shared} groups stand in more than one part: it tests on scenes that were seen"] * bool(shared)


def read_lists(
    kind: str, root: Path, splits_root: str | Path | None, clips: pd.DataFrame
) -> tuple[dict[str, dict[str, str]], str]:
    """Return the official lists (the part of each clip, for each split), and where they come from.

    They are looked for in `splits_root`, or without it under their usual name in `root` or beside it. If they are in
    neither place, the lists that the adapter knows are taken. Raises InputError if `splits_root` has none.
    """
    adapter = ADAPTERS[kind]
    if folder := find_lists(kind, root, splits_root):
        return adapter.read_lists(folder), str(folder)
    if splits_root:
        raise InputError(
            f"The official split lists were not found at {splits_root}. Unpack them there, or leave `splits_root` out "
            f"to use {adapter.OWN_LISTS}."
        )
    return adapter.own_lists(clips), adapter.OWN_LISTS


def find_lists(kind: str, root: Path, splits_root: str | Path | None) -> Path | None:
    """The folder of the official lists of a dataset; None where none is there, or the dataset has none."""
    if kind not in OFFICIAL:
        return None
    adapter = ADAPTERS[kind]
    folders = [Path(splits_root)] if splits_root else [root / adapter.LISTS, root.parent / adapter.LISTS]
    return next((folder for folder in filter(Path.is_dir, folders) if adapter.read_lists(folder)), None)


def assign_parts(clips: pd.DataFrame, entries: dict[str, str], root: Path) -> pd.Series:
    """Return each clip's part, "unused" if the list does not name it. Raises InputError if the list names none."""
    parts = clips["clip"].map(entries)
    if parts.isna().all():
        raise InputError(
            f"The split lists match no clip under {root}: they name {next(iter(entries), 'nothing')!r}, the disk holds "
            f"{clips['path'].iloc[0]!r}. Check that `root` and the lists belong to the same dataset."
        )
    return parts.fillna("unused")


def compare(
    lists: dict[str, dict[str, str]], clips: pd.DataFrame, classes: Sequence[str] | None
) -> tuple[list[str], list[str]]:
    """Return the clips in the lists that the disk lacks (of `classes`, if given), and those that no list names."""
    named = {clip for entries in lists.values() for clip in entries}
    found = set(clips["clip"])
    missing = sorted(clip for clip in named - found if classes is None or clip.partition("/")[0] in classes)
    return missing, sorted(found - named)


def check_splits(columns: list[str], wanted: list[str], lists: str = "") -> None:
    """Raise InputError where the config trains on a split that is not there; `lists` are where those there are from."""
    for split in wanted:
        if split not in columns:
            known = [column for column in columns if column[-1].isdigit()]
            origin = f" (of {lists}). Write `splits: [{known[0]}]`" if lists else ""
            raise InputError(f"There is no split {split!r}; the splits are {', '.join(known)}{origin}.")
