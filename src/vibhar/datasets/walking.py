"""Walk over every file below a folder once, and list what is left out with its reason.

Links to files and folders elsewhere are followed. A link to a folder around it, or to one that is read already, is not:
its clips would count twice.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from vibhar.errors import InputError

HIDDEN = "hidden"
NOWHERE = "link to nothing"
AGAIN = "link to a folder that is read already"
SAME_FILE = "link to a file of the same class that is read already"
NOT_REGULAR = "not a regular file"
NOT_UTF8 = "name that is not UTF-8"
CLOSED = "folder that may not be read"
SNAKEMAKES = ".snakemake_timestamp"  # in a folder that a rule has made


class Tree(NamedTuple):
    """Sorted paths of files below a root, and the reason of each file or folder that is left out."""

    files: list[str]
    left_out: dict[str, str]


class Entry(NamedTuple):
    """A file or a link: its path below the root, the path of what stands there, links not resolved, and what it is."""

    path: str
    place: str
    is_link: bool
    is_regular: bool

    @property
    def target(self) -> str:
        """What a link leads to in the end."""
        return os.path.realpath(self.place)


def walk(root: Path) -> Tree:
    """All files below `root`, by their paths below it. Raises InputError where `root` itself cannot be read."""
    start, seen, left_out = os.path.realpath(root), set[str](), dict[str, str]()
    files: list[Entry] = []
    folders = {"": start}  # the root, and links to folders by their paths below it
    while folders:
        path = min(folders)
        folder = folders.pop(path)
        if folder in seen or (path and is_around(folder, start)):
            left_out[path] = AGAIN
            continue
        for entry in list_entries(path, folder, seen, left_out):
            if not (entry.is_link and Path(entry.place).is_dir()):
                files.append(entry)
            elif is_around(entry.target, entry.place):
                left_out[entry.path] = AGAIN
            else:
                folders[entry.path] = entry.target
    if left_out.get("") == CLOSED:
        raise InputError(f"The folder {root} cannot be read. Give this user the right, or correct `root`.")
    return choose_files(files, left_out)


def list_entries(path: str, folder: str, seen: set[str], left_out: dict[str, str]) -> Iterator[Entry]:
    """The files and the links below one folder, at any depth; folders in it are entered, links are not followed."""
    seen.add(folder)
    try:
        with os.scandir(folder) as scan:
            inside = sorted(scan, key=lambda entry: entry.name)
    except OSError:
        left_out[path] = CLOSED
        return
    for found in inside:
        if found.name == SNAKEMAKES:
            continue
        below, place = f"{path}/{found.name}" if path else found.name, f"{folder}/{found.name}"
        if found.is_dir(follow_symlinks=False):
            yield from list_entries(below, place, seen, left_out)
        else:
            yield Entry(below, place, found.is_symlink(), found.is_file(follow_symlinks=False))


def is_around(folder: str, place: str) -> bool:
    """Whether a folder is `place` or one that holds it."""
    return f"{place}/".startswith(folder.rstrip("/") + "/")


def choose_files(entries: list[Entry], left_out: dict[str, str]) -> Tree:
    """The files that can be read under their names; of several links of one class to a file the first."""
    for entry in entries:
        if reason := refuse(entry):
            left_out[entry.path] = reason
    taken = {(top(entry.path), entry.place) for entry in entries if not entry.is_link}
    for entry in sorted(entry for entry in entries if entry.is_link and entry.path not in left_out):
        key = (top(entry.path), entry.target)
        if key in taken:
            left_out[entry.path] = SAME_FILE
        taken.add(key)
    files = sorted(entry.path for entry in entries if entry.path not in left_out)
    return Tree(files, {printable(path): reason for path, reason in sorted(left_out.items())})


def refuse(entry: Entry) -> str:
    """Why a file cannot be taken; empty where it can."""
    if any(part.startswith(".") for part in entry.path.split("/")):
        return HIDDEN
    if printable(entry.path) != entry.path:
        return NOT_UTF8
    if not entry.is_link:
        return "" if entry.is_regular else NOT_REGULAR
    if not Path(entry.place).exists():
        return NOWHERE
    return "" if Path(entry.place).is_file() else NOT_REGULAR


def top(path: str) -> str:
    """The first folder of a path, which is the class in most layouts."""
    return path.partition("/")[0]


def printable(path: str) -> str:
    """A path as UTF-8 can write it: bytes that are no text become escapes."""
    return path.encode(errors="surrogateescape").decode(errors="backslashreplace")
