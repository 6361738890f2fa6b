"""HMDB51: <action>/<source video>_<action>_....avi, and the official lists <action>_test_split{1,2,3}.txt.

A list gives each clip of an action the code 1 (train), 2 (test) or 0 (unused). The group of a clip is its source video.
"""

import re
from pathlib import Path

import pandas as pd

from vibhar.datasets.folders import walk_videos

LAYOUT = "<action>/<source video>_<action>_<...>.avi"
LISTS = "testTrainMulti_7030_splits"
PARTS = {"0": "unused", "1": "train", "2": "test"}
LIST_NAME = re.compile(r"(?P<action>.+)_test_split(?P<split>[123])\.txt")


def find_clips(root: Path) -> pd.DataFrame:
    """The clips."""
    paths = [path for path in walk_videos(root, {".avi"}) if path.count("/") == 1]
    labels = [path.partition("/")[0] for path in paths]
    return pd.DataFrame(
        {
            "clip": [path.removesuffix(".avi") for path in paths],
            "path": paths,
            "label": labels,
            "group": [Path(path).name.partition(f"_{label}_")[0] for path, label in zip(paths, labels, strict=True)],
        }
    )


def read_lists(folder: Path) -> dict[str, dict[str, str]]:
    """For split1 to split3, the part of each clip that the lists name."""
    lists: dict[str, dict[str, str]] = {f"split{split}": {} for split in (1, 2, 3)}
    for path in sorted(folder.iterdir()):
        if match := LIST_NAME.fullmatch(path.name):
            for line in path.read_text().splitlines():
                if line.strip():
                    name, code = line.rsplit(maxsplit=1)
                    clip = f"{match['action']}/{name.removesuffix('.avi')}"
                    lists[f"split{match['split']}"][clip] = PARTS[code]
    return lists
