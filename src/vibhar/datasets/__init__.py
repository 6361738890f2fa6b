"""Datasets on disk as one table: each clip with its path, label, group, and part of every split.

Nothing is decoded. An adapter a dataset says where its clips lie and what its official lists are.
"""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from vibhar.datasets import folders as class_folders
from vibhar.datasets import hmdb51, ucf11, ucf101
from vibhar.datasets.splits import check_split, clip_folds, cut_validation, group_folds
from vibhar.errors import InputError

OFFICIAL = {"hmdb51": hmdb51, "ucf101": ucf101}
LAYOUTS = {
    "ucf11": ucf11.LAYOUT,
    "hmdb51": hmdb51.LAYOUT,
    "ucf101": ucf101.LAYOUT,
    "folders": "<class>/<video>",
}


class Listing(NamedTuple):
    """The clips of a dataset, and how its split lists and its files differ.

    `clips` has the columns clip (a unique name), path (below the root), label, group, and one a split, which holds
    "train", "validation", "test" or "unused". `missing` are named by a split list and not on disk; `unlisted` are on
    disk and in no list.
    """

    clips: pd.DataFrame
    missing: list[str]
    unlisted: list[str]


def list_dataset(
    kind: str,
    root: Path,
    *,
    classes: Sequence[str] | None = None,
    splits_root: str | None = None,
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
    if kind in OFFICIAL:
        lists = OFFICIAL[kind].read_lists(find_lists(root, splits_root, OFFICIAL[kind].LISTS))
        parts = {name: assign_parts(clips, entries, root) for name, entries in lists.items()}
        named = {clip for entries in lists.values() for clip in entries}
        missing = sorted(clip for clip in named - set(clips["clip"]) if in_classes(clip, clips, classes))
        unlisted = sorted(set(clips["clip"]) - named)
    else:
        fold_groups = clips["number"] if kind == "ucf11" else clips["group"]
        parts = group_folds(fold_groups, folds) | clip_folds(clips["clip"], clips["label"], folds, seed)
    for name, column in parts.items():
        leaky = name.startswith("clip")
        groups = clips["clip"] if leaky else clips["group"]
        clips[name] = cut_validation(column, clips["label"], groups, validation, seed)
        check_split(name, clips[name], clips["label"], None if leaky or kind in OFFICIAL else groups)
    return Listing(clips.drop(columns="number", errors="ignore"), missing, unlisted)


def find_clips(
    kind: str, root: Path, *, classes: Sequence[str] | None = None, group_pattern: str | None = None
) -> pd.DataFrame:
    """The clips of a dataset without its splits: clip, path, label, group. Raises InputError where there is none."""
    if not root.is_dir():
        raise InputError(f"The folder {root} does not exist. Put the videos there, or correct `root` in the config.")
    adapter = {"ucf11": ucf11, **OFFICIAL}.get(kind)
    clips = adapter.find_clips(root) if adapter else class_folders.find_clips(root, group_pattern)
    if clips.empty:
        raise InputError(f"No clip was found under {root}. A dataset of kind {kind!r} has files {LAYOUTS[kind]} there.")
    return clips if classes is None else restrict(clips, classes, root)


def restrict(clips: pd.DataFrame, classes: Sequence[str], root: Path) -> pd.DataFrame:
    """The clips of some classes. Raises InputError for a class that is not there."""
    known = sorted(clips["label"].unique())
    for name in classes:
        if name not in known:
            near = ", ".join(difflib.get_close_matches(name, known, n=3, cutoff=0.3)) or ", ".join(known[:5])
            raise InputError(f"The class {name!r} has no clip under {root}. The nearest classes there are: {near}.")
    return clips[clips["label"].isin(classes)].reset_index(drop=True)


def in_classes(clip: str, clips: pd.DataFrame, classes: Sequence[str] | None) -> bool:
    """Whether a clip that a list names belongs to the classes in use: all, where none were chosen."""
    return classes is None or clip.partition("/")[0] in classes


def find_lists(root: Path, splits_root: str | None, name: str) -> Path:
    """The folder of the official lists: the one given, or `name` in the root or beside it."""
    candidates = [Path(splits_root)] if splits_root else [root / name, root.parent / name]
    for folder in candidates:
        if folder.is_dir():
            return folder
    places = " or ".join(map(str, candidates))
    raise InputError(f"The official split lists were not found at {places}. Unpack them there, or set `splits_root`.")


def assign_parts(clips: pd.DataFrame, entries: dict[str, str], root: Path) -> pd.Series:
    """The part of each clip; "unused" where the list does not name it. Raises InputError where it names none."""
    parts = clips["clip"].map(entries)
    if parts.isna().all():
        raise InputError(
            f"The split lists match no clip under {root}: they name {next(iter(entries), 'nothing')!r}, the disk holds "
            f"{clips['clip'].iloc[0]!r}. Check that `root` and the lists belong to the same dataset."
        )
    return parts.fillna("unused")
