"""List UCF101: <Class>/v_<Class>_gGG_cCC.avi, and the official lists trainlist0N.txt and testlist0N.txt.

The class HandstandPushups has files named v_HandStandPushups_...: the class is the name of the folder. Groups are
numbered within a class: Archery/g01 and Basketball/g01 have nothing in common.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from vibhar.datasets.video_files import without_suffix

LAYOUT = "<Class>/v_<Class>_gGG_cCC.avi"
LISTS = "ucfTrainTestlist"
BESIDE = LISTS  # the folder of what comes with the videos
OWN_LISTS = "the official rule: split k tests groups 7k-6 to 7k of 25"
LIST_NAME = re.compile(r"(?P<part>train|test)list0(?P<split>\d)\.txt")
PATTERN = re.compile(r"(?:UCF-101/)?(?P<clip>(?P<label>[^/]+)/v_[^/]+_g(?P<number>\d+)_c\d+)")


def find_clips(paths: Sequence[str]) -> pd.DataFrame:
    """The clips among the videos `paths`, also where the root is the folder around UCF-101."""
    matches = {path: match for path in paths if (match := PATTERN.fullmatch(without_suffix(path)))}
    return pd.DataFrame(
        {
            "clip": [match["clip"] for match in matches.values()],
            "path": [*matches],
            "label": [match["label"] for match in matches.values()],
            "group": [f"{match['label']}/g{match['number']}" for match in matches.values()],
        },
        dtype=str,
    )


def read_lists(folder: Path) -> dict[str, dict[str, str]]:
    """Return, for each split, the part of each clip in the lists. A training line ends in its class's number."""
    lists: dict[str, dict[str, str]] = {}
    for path in sorted(folder.iterdir()):
        if listed := LIST_NAME.fullmatch(path.name):
            lines = filter(str.strip, path.read_text(encoding="utf-8-sig").splitlines())
            entries = {line.split()[0].removesuffix(".avi"): listed["part"] for line in lines}
            lists.setdefault(f"split{listed['split']}", {}).update(entries)
    return lists


def own_lists(clips: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return the official splits of `clips`, as `read_lists` does: split k tests groups 7k-6 to 7k of each class."""
    numbers = clips["group"].str.rpartition("/g")[2].astype(int)
    official = clips[numbers.between(1, 25)]
    turns = (numbers[official.index] + 6) // 7
    return {
        f"split{k}": dict(zip(official["clip"], turns.eq(k).map({True: "test", False: "train"}), strict=True))
        for k in (1, 2, 3)
    }
