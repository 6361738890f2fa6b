"""List UCF11: <class>/v_<name>_GG/v_<name>_GG_CC.mpg, with 25 groups GG per class.

The name in a file name is not always the class: basketball/v_shooting_01_01, walking/v_walk_dog_01_01. The `Annotation`
folders hold no videos.
"""

import re
from collections.abc import Sequence

import pandas as pd

from vibhar.datasets.video_files import without_suffix

LAYOUT = "<class>/v_<name>_GG/v_<name>_GG_CC.mpg"
BESIDE = "Annotation"  # the folder of what comes with the videos
PATTERN = re.compile(r"(?P<label>[^/]+)/v_\w+?_(?P<number>\d+)/v_\w+_\d+_\d+")


def find_clips(paths: Sequence[str]) -> pd.DataFrame:
    """The clips among the videos `paths`. `group` is one class's group; by `number` the classes are tested together."""
    matches = {path: match for path in paths if (match := PATTERN.fullmatch(without_suffix(path)))}
    return pd.DataFrame(
        {
            "clip": [match[0] for match in matches.values()],
            "path": [*matches],
            "label": [match["label"] for match in matches.values()],
            "group": [f"{match['label']}/{match['number']}" for match in matches.values()],
            "number": [match["number"] for match in matches.values()],
        },
        dtype=str,
    )
