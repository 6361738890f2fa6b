"""Datasets on disk as one table: each clip with its path, label, group, and part of every split.

Nothing is decoded. An adapter a dataset says where its clips lie and what its official lists are.
"""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from vibhar.datasets import folders as class_folders
from vibhar.datasets import hmdb51, ucf11, ucf101
from vibhar.datasets.sources import SOURCES
from vibhar.datasets.splits import check_disjoint, check_trained, clip_folds, cut_validation, group_folds
from vibhar.errors import InputError

ADAPTERS = {"ucf11": ucf11, "hmdb51": hmdb51, "ucf101": ucf101, "folders": class_folders}
OFFICIAL = ("hmdb51", "ucf101")  # those with official split lists


class Listing(NamedTuple):
    """The clips of a dataset, and how its split lists and its files differ.

    `clips` has the columns clip (a unique name), path (below the root), label, group, and one a split, which holds
    "train", "validation", "test" or "unused". `missing` are named by a split list and not on disk; `unlisted` are on
    disk and in no list. All are sorted. `lists` says where the lists are from, if there are any.
    """

    clips: pd.DataFrame
    missing: list[str]
    unlisted: list[str]
    lists: str = ""

    def found(self) -> dict[str, Any]:
        """All but the clips, for a file."""
        return {"split_lists": self.lists, "missing": self.missing, "unlisted": self.unlisted}


def list_dataset(
    kind: str,
    root: Path,
    *,
    classes: Sequence[str] | None = None,
    splits_root: str | Path | None = None,
    folds: int = 5,
    validation: float = 0.2,
    group_pattern: str | None = None,
    seed: int = 0,
) -> Listing:
    """The dataset of `kind` ("ucf11", "hmdb51", "ucf101" or "folders") at `root`.

    UCF101 and HMDB51 have their official splits split1 to split3; the others group1 .. groupF, disjoint by group, and
    clip1 .. clipF, which are not (F = `folds`). `validation` is the share of the training clips that is set apart.
    Raises InputError where the folder, the lists or the splits cannot be used.
    """
    clips = find_clips(kind, root, classes=classes, group_pattern=group_pattern)
    missing: list[str] = []
    unlisted: list[str] = []
    origin = ""
    if kind in OFFICIAL:
        lists, origin = read_lists(kind, root, splits_root, clips)
        parts = {name: assign_parts(clips, entries, root) for name, entries in lists.items()}
        missing, unlisted = compare(lists, clips, classes)
    else:
        fold_groups = clips["number"] if kind == "ucf11" else clips["group"]
        parts = group_folds(fold_groups, clips["label"], folds)
        parts |= clip_folds(clips["clip"], clips["label"], folds, seed)
    for name, column in parts.items():
        groups = clips["clip"] if name.startswith("clip") else clips["group"]
        clips[name] = cut_validation(column, clips["label"], groups, validation, seed)
        check_trained(name, clips[name], clips["label"])
        # HMDB51's official test parts share source videos with training clips of other actions.
        check_disjoint(name, clips[name].replace("test", "unused") if kind == "hmdb51" else clips[name], groups)
    return Listing(clips.drop(columns="number", errors="ignore"), missing, unlisted, origin)


def find_clips(
    kind: str, root: Path, *, classes: Sequence[str] | None = None, group_pattern: str | None = None
) -> pd.DataFrame:
    """The clips of a dataset without its splits: clip, path, label, group. Raises InputError where there is none."""
    if kind not in ADAPTERS:
        raise InputError(f"There is no dataset kind {kind!r}. The kinds are {', '.join(ADAPTERS)}.")
    if not root.is_dir():
        hint = (
            f" (`snakemake fetch_{kind}`, without a config, downloads them to data/{kind})" if kind in SOURCES else ""
        )
        raise InputError(
            f"The folder {root} does not exist. Put the videos there{hint}, or correct `root` in the config."
        )
    adapter = ADAPTERS[kind]
    clips = adapter.find_clips(root, group_pattern) if kind == "folders" else adapter.find_clips(root)
    if clips.empty:
        raise InputError(
            f"No clip was found under {root}. A dataset of kind {kind!r} has files {adapter.LAYOUT} there. Put them "
            "there, or correct `root` or `kind` in the config."
        )
    return clips if classes is None else restrict(clips, classes, root)


def restrict(clips: pd.DataFrame, classes: Sequence[str], root: Path) -> pd.DataFrame:
    """The clips of some classes. Raises InputError for a class that is not there."""
    known = sorted(clips["label"].unique())
    for name in classes:
        if name not in known:
            near = ", ".join(difflib.get_close_matches(name, known, n=3, cutoff=0.3)) or ", ".join(known[:5])
            raise InputError(f"The class {name!r} has no clip under {root}. The nearest classes there are: {near}.")
    return clips[clips["label"].isin(classes)].reset_index(drop=True)


def read_lists(
    kind: str, root: Path, splits_root: str | Path | None, clips: pd.DataFrame
) -> tuple[dict[str, dict[str, str]], str]:
    """The official lists, for each split the part of each clip that it names, and where they are from.

    They lie in `splits_root`, or else under their usual name in the root or beside it; where they are in neither, the
    adapter knows them. Raises InputError where `splits_root` has none.
    """
    adapter = ADAPTERS[kind]
    if folder := find_lists(kind, root, splits_root):
        return adapter.read_lists(folder), str(folder)
    if splits_root:
        raise InputError(
            f"The official split lists were not found at {splits_root}. Unpack them there, or leave `splits_root` out: "
            f"{adapter.OWN_LISTS} will do."
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
    """The part of each clip; "unused" where the list does not name it. Raises InputError where it names none."""
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
    """The clips that the lists name and the disk lacks, of `classes` if they are given, and those in no list."""
    named = {clip for entries in lists.values() for clip in entries}
    found = set(clips["clip"])
    missing = sorted(clip for clip in named - found if classes is None or clip.partition("/")[0] in classes)
    return missing, sorted(found - named)


def check_splits(columns: list[str], wanted: list[str]) -> None:
    """Raise InputError where the config trains on a split that the dataset does not have."""
    for split in wanted:
        if split not in columns:
            known = [column for column in columns if column[-1].isdigit()]
            raise InputError(f"There is no split {split!r}; the splits are {', '.join(known)}.")
