"""Any videos in class folders: <class>/**/<video>; a clip's group is read from its path by a pattern.

The class folders may lie in folders train, val and test, which are then the split.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from vibhar.datasets.prepared import read_parts
from vibhar.errors import InputError

LAYOUT = "<class>/.../<video>"
UNFIT = "outside of a class folder"


def find_clips(paths: Sequence[str], root: Path, group_pattern: str | None) -> pd.DataFrame:
    """The clips: the first folder is the class, and `group_pattern` has one group that is the clip's group.

    Without a pattern each clip is its own group. Where the folders are the parts of a split, the column `part` says
    the part. Raises InputError for such folders that cannot be used, a bad pattern or a path that it does not match.
    """
    inside = [path for path in paths if "/" in path]
    prepared = read_parts(inside, root)
    labels = {"label": [path.partition("/")[0] for path in inside]}
    if prepared:
        inside = [path for path in inside if path.count("/") > 1]
        labels = {"label": prepared.labels, "part": prepared.parts}
    groups = inside if group_pattern is None else read_groups(inside, group_pattern)
    # The name of a clip has the suffix: a.avi and a.mp4 may lie side by side.
    return pd.DataFrame({"clip": inside, "path": inside, "group": groups, **labels}, dtype=str)


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
