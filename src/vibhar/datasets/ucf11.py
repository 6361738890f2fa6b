"""List UCF11: <class>/v_<name>_GG/v_<name>_GG_CC.mpg, with 25 groups GG per class.

The name in a file name is not always the class: basketball/v_shooting_01_01, walking/v_walk_dog_01_01. The `Annotation`
folders hold no videos.
"""

import re
from pathlib import Path

import pandas as pd

from vibhar.datasets.folders import walk_videos

LAYOUT = "<class>/v_<name>_GG/v_<name>_GG_CC.mpg"
PATTERN = re.compile(r"(?P<label>[^/]+)/v_\w+?_(?P<number>\d+)/v_\w+_\d+_\d+\.mpg")


def find_clips(root: Path) -> pd.DataFrame:
    """Return the clips. `group` belongs to one class; `number` is its number, and folds test all classes by number."""
    matches = [match for path in walk_videos(root, {".mpg"}) if (match := PATTERN.fullmatch(path))]
    return pd.DataFrame(
        {
            "clip": [match[0].removesuffix(".mpg") for match in matches],
            "path": [match[0] for match in matches],
            "label": [match["label"] for match in matches],
            "group": [f"{match['label']}/{match['number']}" for match in matches],
            "number": [match["number"] for match in matches],
        }
    )
