"""UCF101: <Class>/v_<Class>_gGG_cCC.avi, and the official lists of three splits, trainlist0N.txt and testlist0N.txt.

The class HandstandPushups has files named v_HandStandPushups_...: the folder is the class.
"""

import re
from pathlib import Path

import pandas as pd

from vibhar.datasets.folders import walk_videos

LAYOUT = "<Class>/v_<Class>_gGG_cCC.avi"
LISTS = "ucfTrainTestlist"
PATTERN = re.compile(r"(?:UCF-101/)?(?P<clip>(?P<label>[^/]+)/v_[^/]+_g(?P<number>\d+)_c\d+)\.avi")


def find_clips(root: Path) -> pd.DataFrame:
    """The clips, also where `root` is the folder around UCF-101."""
    matches = [match for path in walk_videos(root, {".avi"}) if (match := PATTERN.fullmatch(path))]
    return pd.DataFrame(
        {
            "clip": [match["clip"] for match in matches],
            "path": [match[0] for match in matches],
            "label": [match["label"] for match in matches],
            "group": [f"{match['label']}/g{match['number']}" for match in matches],
        }
    )


def read_lists(folder: Path) -> dict[str, dict[str, str]]:
    """For split1 to split3, the part of each clip that the lists name."""
    return {
        f"split{split}": {
            line.split()[0].removesuffix(".avi"): part
            for part in ("train", "test")
            for line in (folder / f"{part}list0{split}.txt").read_text().splitlines()
            if line.strip()
        }
        for split in (1, 2, 3)
    }
