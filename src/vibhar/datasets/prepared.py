"""Recognise class folders that are split already, as train/<class>/... or as <class>/train/...."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from vibhar.errors import InputError, few

WORDS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
SPLIT = "split1"  # what the config calls it


class Prepared(NamedTuple):
    """The part and the class of each path, and the names of the folders that say the parts."""

    parts: list[str]
    labels: list[str]
    folders: list[str]


def read_parts(paths: Sequence[str], root: Path) -> Prepared | None:
    """What the folders of the paths `<folder>/.../<video>` say of a split; None where they are classes.

    Raises InputError where they are a part of a split and cannot be used as one.
    """
    check_depth(paths, root)
    for place in (0, 1):
        named = [path.split("/")[place] if path.count("/") > place else "" for path in paths]
        if {"train"} < parts_of(named) and (place == 0 or all(map(part_of, named))):
            if place == 0 and not check_folders(paths, root):
                return None
            deep = [path for path in paths if path.count("/") > 1]
            folders = sorted({path.split("/")[place] for path in deep})
            check_parts(parts_of(folders), folders, root)
            parts = [part_of(path.split("/")[place]) for path in deep]
            return Prepared(parts, [path.split("/")[1 - place] for path in deep], folders)
    return None


def part_of(folder: str) -> str:
    """The part that a folder's name says; empty where it says none."""
    return WORDS.get(folder.casefold(), "")


def parts_of(folders: Sequence[str]) -> set[str]:
    """The parts that the names of some folders say."""
    return {*map(part_of, folders)} - {""}


def check_folders(paths: Sequence[str], root: Path) -> bool:
    """Whether folders called train and the like hold a split: they hold class folders, as no class does.

    Raises InputError where that cannot be told.
    """
    within = [path for path in paths if part_of(path.partition("/")[0])]
    nested = [path for path in within if path.count("/") > 1]
    others = sorted({path.partition("/")[0] for path in paths if not part_of(path.partition("/")[0])})
    if not nested and others:
        return False
    names = sorted({path.partition("/")[0] for path in within} - {path.partition("/")[0] for path in nested})
    if names:
        raise InputError(
            f"The folders {few(names)} under {root} hold videos and no class folders. Where they are the parts of a "
            "split, put the videos into class folders in them: train/<class>/<video>. Where they are classes, give "
            "them other names."
        )
    if others:
        raise InputError(
            f"Under {root} lie the parts of a split ({nested[0]!r}) and, beside them, {few(others)}. Move what is no "
            "part away, or set `root` to a folder that holds class folders only."
        )
    return True


def check_parts(parts: set[str], folders: Sequence[str], root: Path) -> None:
    """Raise InputError where a split tests nothing or trains on nothing."""
    if "test" not in parts:
        raise InputError(
            f"Under {root} lie the parts {few(folders)} of a split, and no part to test on. Add a folder test; or, to "
            f"test on {folders[-1]}, rename it to test, and validation clips are cut from the training ones."
        )


def check_depth(paths: Sequence[str], root: Path) -> None:
    """Raise InputError where the only folder holds a split, and should be the root itself."""
    tops = {path.partition("/")[0] for path in paths}
    inner = [path.split("/")[1] for path in paths if path.count("/") > 2]
    if len(tops) == 1 and {"train"} < parts_of(inner):
        raise InputError(f"The parts of a split lie in {root / tops.pop()}. Set `root` to that folder.")
