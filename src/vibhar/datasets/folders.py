"""List videos in class folders, <class>/**/<video>; a regular expression reads each clip's group."""

import os
import re
from pathlib import Path

import pandas as pd

from vibhar.errors import InputError

LAYOUT = "<class>/.../<video>"
SUFFIXES = {".avi", ".mpg", ".mpeg", ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".wmv", ".flv", ".ogv", ".3gp", ".ts"}


def walk_videos(root: Path, suffixes: set[str]) -> list[str]:
    """Return the sorted paths of the files with `suffixes` below `root`, relative to it; hidden ones are left out."""
    paths = []
    for folder, folders, files in os.walk(root, followlinks=True):  # a subset is often a folder of links
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = Path(folder).relative_to(root)
        visible = [inside / name for name in files if not name.startswith(".")]
        paths += [path.as_posix() for path in visible if path.suffix.lower() in suffixes]
    return sorted(paths)


def find_clips(root: Path, group_pattern: str | None) -> pd.DataFrame:
    """List the clips: the first folder is the class, and the one group of `group_pattern` matches the clip's group.

    Without a pattern each clip is its own group. Raises InputError for a bad pattern or a path that it does not match.
    """
    paths = [path for path in walk_videos(root, SUFFIXES) if "/" in path]
    return pd.DataFrame(
        {
            "clip": paths,  # with the suffix: a.avi and a.mp4 may lie side by side
            "path": paths,
            "label": [path.partition("/")[0] for path in paths],
            "group": paths if group_pattern is None else read_groups(paths, group_pattern),
        }
    )


def read_groups(paths: list[str], group_pattern: str) -> list[str]:
    """Return the group of each path. Raises InputError for a bad pattern or a path that it does not match."""
    try:
        pattern = re.compile(group_pattern)
    except re.error as error:
        raise InputError(f"`group_pattern` {group_pattern!r} is not a regular expression: {error}.") from error
    if pattern.groups != 1:
        raise InputError(f"`group_pattern` {group_pattern!r} has {pattern.groups} groups in parentheses; give it one.")
    matches = [pattern.search(path) for path in paths]
    for path, match in zip(paths, matches, strict=True):
        if match is None or match[1] is None:
            raise InputError(f"`group_pattern` {group_pattern!r} does not match the path {path!r}. Widen the pattern.")
    return [match[1] for match in matches if match]
