"""Find the clips below a folder, and list every other file there with the reason why it is not used."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from vibhar.datasets import folders as class_folders
from vibhar.datasets import hmdb51, ucf11, ucf101
from vibhar.datasets.arrays import READERS
from vibhar.datasets.sources import SOURCES
from vibhar.datasets.spelling import check_classes, spelling_key
from vibhar.datasets.video_files import split_videos
from vibhar.datasets.walking import walk
from vibhar.errors import InputError, few

ADAPTERS = {"ucf11": ucf11, "hmdb51": hmdb51, "ucf101": ucf101, "folders": class_folders}
OWN = "lists and annotation of the dataset"
TWICE = "the same clip in another container"


class Survey(NamedTuple):
    """The clips (clip, path, label, group, and part where folders say it), and why each other file is not used."""

    clips: pd.DataFrame
    unused: dict[str, str]


def find_clips(
    kind: str, root: Path, *, classes: Sequence[str] | None = None, group_pattern: str | None = None
) -> pd.DataFrame:
    """The clips of a dataset without its splits: clip, path, label, group. Raises InputError where there is none."""
    clips = survey(kind, root, group_pattern).clips
    if clips.empty:
        raise InputError(
            f"No clip was found under {root}. A dataset of kind {kind!r} has files {ADAPTERS[kind].LAYOUT} there. Put "
            "them there, or correct `root` or `kind` in the config."
        )
    clips = clips if classes is None else restrict(clips, classes, root)
    check_classes(dict(zip(clips["label"], clips["path"], strict=True)), root)
    return clips


def survey(kind: str, root: Path, group_pattern: str | None = None) -> Survey:
    """The clips of a dataset of videos, and the files that are not used. Raises InputError where there is no folder."""
    if kind not in ADAPTERS:
        raise InputError(f"There is no dataset kind {kind!r}. The kinds are {', '.join(ADAPTERS)}.")
    if not root.is_dir():
        hint = (
            f" (`snakemake fetch_{kind}`, without a config, downloads them to data/{kind})" if kind in SOURCES else ""
        )
        raise InputError(
            f"The folder {root} does not exist. Put the videos there{hint}, or correct `root` in the config."
        )
    tree = walk(root)
    videos, unused = split_videos(root, tree.files)
    if kind == "folders":
        clips, reason = class_folders.find_clips(videos, root, group_pattern), class_folders.UNFIT
    else:
        clips, reason = ADAPTERS[kind].find_clips(videos), f"video that is not named {ADAPTERS[kind].LAYOUT}"
    unused |= dict.fromkeys(sorted({*videos} - {*clips["path"]}), reason)
    twice = clips["clip"].duplicated()
    unused |= dict.fromkeys(clips["path"][twice], TWICE)
    clips = clips[~twice].sort_values("path", ignore_index=True)
    return Survey(clips, mark_own(tree.left_out | unused, kind))


def survey_arrays(root: Path) -> Survey:
    """The same of a dataset of features: `clips` has the paths alone."""
    if not root.is_dir():
        raise InputError(f"The folder {root} does not exist. Put the arrays there, or correct `root` in the config.")
    tree = walk(root)
    arrays = [path for path in tree.files if Path(path).suffix.lower() in READERS]
    others = dict.fromkeys(sorted({*tree.files} - {*arrays}), f"not an array ({', '.join(READERS)})")
    return Survey(pd.DataFrame({"path": arrays}, dtype=str), tree.left_out | others)


def find_arrays(root: Path) -> list[str]:
    """Sorted paths of the array files below `root`, relative to it. Raises InputError where there is none."""
    arrays = survey_arrays(root).clips["path"].tolist()
    if not arrays:
        raise InputError(
            f"No array was found under {root}. A dataset of kind 'features' has a file a clip there, which ends in "
            f"{', '.join(READERS)}. Put them there, or correct `root` or `kind` in the config."
        )
    return arrays


def find_unused(kind: str, root: Path, tables: Sequence[str | Path]) -> dict[str, str]:
    """The files below `root` that are no clips, each with its reason; `tables` are files that are read besides."""
    found = survey_arrays(root) if kind == "features" else survey(kind, root)
    read = {Path(table).resolve() for table in tables}
    return {path: why for path, why in found.unused.items() if not read or (root / path).resolve() not in read}


def mark_own(unused: dict[str, str], kind: str) -> dict[str, str]:
    """The files, with one reason for those that come with the dataset: its split lists and its annotation."""
    folder = getattr(ADAPTERS[kind], "BESIDE", None)
    return {path: OWN if folder in path.split("/")[:-1] else reason for path, reason in unused.items()}


def restrict(clips: pd.DataFrame, classes: Sequence[str], root: Path) -> pd.DataFrame:
    """The clips of some classes. Raises InputError for a class that is not there."""
    known = sorted(clips["label"].unique())
    for name in classes:
        if name not in known:
            alike = [label for label in known if spelling_key(label) == spelling_key(name)]
            near = alike or difflib.get_close_matches(name, known, n=3, cutoff=0.3) or known[:5]
            raise InputError(f"The class {name!r} has no clip under {root}. Similar classes: {few(near)}.")
    return clips[clips["label"].isin(classes)].reset_index(drop=True)
