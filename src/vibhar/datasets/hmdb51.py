"""List HMDB51: <action>/<source video>_<action>_....avi, and the lists <action>_test_split{1,2,3}.txt.

A list gives each clip of an action the code 1 (train), 2 (test) or 0 (unused). The group of a clip is its source video.
Within each action the official splits separate the source videos. But some 240 of the 1,407 source videos have clips of
several actions, and about a third of the test clips come from a source video with training clips of another action.

hmdb51_splits.txt holds the official lists as an indented tree: a line with the action, below it (one space) the source
video, below that (two spaces) the rest of a clip's name with the clip's codes in the three splits.
"""

import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import pandas as pd

from vibhar.datasets.video_files import without_suffix
from vibhar.errors import InputError

LAYOUT = "<action>/<source video>_<action>_<...>.avi"
LISTS = "testTrainMulti_7030_splits"
LIST_NAME = re.compile(r"(?P<action>.+)_test_(?P<split>split\d)\.txt")
LINE = re.compile(r"(?P<name>.+)\.avi\s+(?P<code>[012])\s*")
PARTS = {"0": "unused", "1": "train", "2": "test"}
BESIDE = LISTS  # the folder of what comes with the videos
OWN_LISTS = "the official lists, as the package holds them"


def find_clips(paths: Sequence[str]) -> pd.DataFrame:
    """The clips among the videos `paths`."""
    paths = [path for path in paths if path.count("/") == 1]
    clips = [without_suffix(path) for path in paths]
    labels = [path.partition("/")[0] for path in paths]
    return pd.DataFrame(
        {
            "clip": clips,
            "path": paths,
            "label": labels,
            "group": [read_source(clip.partition("/")[2], label) for clip, label in zip(clips, labels, strict=True)],
        },
        dtype=str,
    )


def read_source(stem: str, action: str) -> str:
    """Return the source video: the part before the last `_<action>_`, since its own name may contain the action."""
    return stem.rpartition(f"_{action}_")[0] or stem


def read_lists(folder: Path) -> dict[str, dict[str, str]]:
    """Return, for each split, the part of each clip in the lists. Raises InputError for a line without name or code."""
    lists: dict[str, dict[str, str]] = {}
    for path in sorted(folder.iterdir()):
        if listed := LIST_NAME.fullmatch(path.name):
            entries = lists.setdefault(listed["split"], {})
            for line in filter(str.strip, path.read_text(encoding="utf-8-sig").splitlines()):
                if not (entry := LINE.fullmatch(line)):
                    raise InputError(f"The line {line!r} of {path} is not `<name>.avi` and a code 0, 1 or 2. Fix it.")
                entries[f"{listed['action']}/{entry['name']}"] = PARTS[entry["code"]]
    return lists


def own_lists(clips: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return the official lists that come with the package, as `read_lists` does; `clips` is not used."""
    lists: dict[str, dict[str, str]] = {"split1": {}, "split2": {}, "split3": {}}
    for line in (files("vibhar.datasets") / "hmdb51_splits.txt").read_text(encoding="utf-8").splitlines():
        name = line.lstrip(" ")
        match len(line) - len(name):
            case 0:
                action = name
            case 1:
                source = name
            case _:
                rest, codes = name.split(" ")
                for split, code in zip(lists, codes, strict=True):
                    lists[split][f"{action}/{source}_{action}_{rest}"] = PARTS[code]
    return lists
