"""The folders, file names and split lists of UCF11, HMDB51 and UCF101, as in the real datasets."""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from vibhar.datasets.rendered.catalogue import HMDB51, UCF11, UCF101
from vibhar.datasets.rendered.clip import Motion
from vibhar.datasets.rendered.scene import Size

NTSC = Fraction(30000, 1001)
# The names in UCF11's file names that differ from the name of their folder.
UCF11_STEMS = {
    "basketball": "shooting",
    "trampoline_jumping": "jumping",
    "volleyball_spiking": "spiking",
    "walking": "walk_dog",
}
# HMDB51's source videos have brackets, signs and sometimes the action itself in their names.
FILMS = (
    "Old_Garden_Reel",
    "HOME_MOVIES_2",
    "(HQ)_{0}_-_Slow_Motion",
    "The_Late_Guest_-_Part_2",
    "how_to_{0}_at_last",
    "Street#7_[Winter]",
    "20060723fieldday",
    "Who_&_Why!",
    "AboutAHouse",
    "park_{0}_512kb",
)
VIPER = """<?xml version="1.0" encoding="UTF-8"?>
<viper xmlns="http://lamp.cfar.umd.edu/viper#" xmlns:data="http://lamp.cfar.umd.edu/viperdata#">
  <config>
    <descriptor name="Information" type="FILE">
      <attribute dynamic="false" name="NUMFRAMES" type="http://lamp.cfar.umd.edu/viperdata#dvalue"/>
    </descriptor>
  </config>
  <data>
    <sourcefile filename="{name}">
      <file id="0" name="Information"><attribute name="NUMFRAMES"><data:dvalue value="{frames}"/></attribute></file>
    </sourcefile>
  </data>
</viper>
"""


class Clip(NamedTuple):
    """One clip: groups and the numbers within them count from 1; `path` is below the root; `frames` is its length."""

    action: str
    group: int
    number: int
    path: Path
    frames: int


class Layout(NamedTuple):
    """A dataset on disk: classes, picture sizes (width, height), frame rates, file names, split lists.

    `write_lists(root, clips, groups)` writes annotations or split lists; a set has at least `least_groups` groups.
    """

    classes: Mapping[str, Motion]
    sizes: tuple[Size, ...]
    rates: tuple[Fraction, ...]
    path: Callable[[str, int, int], Path]
    write_lists: Callable[[Path, list[Clip], int], None]
    least_groups: int


def held_out(split: int, groups: int) -> range:
    """Return the test groups of split 1, 2 or 3: disjoint parts of about 28 %, as 1-7, 8-14 and 15-21 of 25 groups."""
    part = max(1, round(0.28 * groups))
    return range((split - 1) * part + 1, split * part + 1)


def ucf11_path(action: str, group: int, number: int) -> Path:
    """Return the path of a clip in UCF11, below its root."""
    stem = f"v_{UCF11_STEMS.get(action, action)}_{group:02d}"
    return Path(action, stem, f"{stem}_{number:02d}.mpg")


def hmdb51_path(action: str, group: int, number: int) -> Path:
    """Return the path of a clip in HMDB51; its group is the source video, named before the last `_<action>_`."""
    part, film = divmod(group - 1, len(FILMS))
    source = FILMS[film].format(action) + (f"_Part_{part + 1}" if part else "")
    return Path(action, f"{source}_{action}_f_cm_np1_fr_med_{number - 1}.avi")


def ucf101_path(action: str, group: int, number: int) -> Path:
    """Return the path of a clip in UCF101, below its root."""
    return Path("UCF-101", action, f"v_{action}_g{group:02d}_c{number:02d}.avi")


def write_ucf11_annotations(root: Path, clips: list[Clip], groups: int) -> None:
    """Write one ViPER file per clip into the `Annotation` folders, which lie beside the folders of the groups."""
    for clip in clips:
        path = root / clip.action / "Annotation" / f"{clip.path.stem}.xgtf"
        path.parent.mkdir(exist_ok=True)
        path.write_text(VIPER.format(name=clip.path.name, frames=clip.frames), encoding="utf-8")


def write_hmdb51_splits(root: Path, clips: list[Clip], groups: int) -> None:
    """Write three lists per action: code 1 is train, 2 is test, 0 (the last clip of the last group) is unused."""
    last = (groups, max(clip.number for clip in clips))
    for action in sorted({clip.action for clip in clips}):
        for split in (1, 2, 3):
            tests = held_out(split, groups)
            own = sorted((clip for clip in clips if clip.action == action), key=lambda clip: clip.path.name)
            codes = [2 if clip.group in tests else int((clip.group, clip.number) != last) for clip in own]
            lines = (f"{clip.path.name} {code} " for clip, code in zip(own, codes, strict=True))
            _write_lines(root / "testTrainMulti_7030_splits" / f"{action}_test_split{split}.txt", lines, "\n")


def write_ucf101_lists(root: Path, clips: list[Clip], groups: int) -> None:
    """Write the index of the rendered classes and three train and test lists, with the line ends of the real files."""
    index = {action: n for n, action in enumerate(sorted({clip.action for clip in clips}), 1)}
    folder = root / "ucfTrainTestlist"
    _write_lines(folder / "classInd.txt", (f"{n} {action}" for action, n in index.items()), "\r\n")
    for split in (1, 2, 3):
        tests = held_out(split, groups)
        names = {clip: clip.path.relative_to("UCF-101").as_posix() for clip in clips}
        train = (f"{name} {index[clip.action]}" for clip, name in names.items() if clip.group not in tests)
        _write_lines(folder / f"trainlist{split:02d}.txt", train, "\r\n")
        test = (name for clip, name in names.items() if clip.group in tests)
        _write_lines(folder / f"testlist{split:02d}.txt", test, "\r\n")


def _write_lines(path: Path, lines: Iterable[str], end: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(line + end for line in lines), encoding="utf-8", newline="")


SMALL = ((176, 144), (208, 160), (240, 176), (320, 240))
LAYOUTS = {
    "ucf11": Layout(UCF11, ((320, 240), (240, 180)), (Fraction(25), NTSC), ucf11_path, write_ucf11_annotations, 1),
    "hmdb51": Layout(HMDB51, SMALL, (Fraction(30),), hmdb51_path, write_hmdb51_splits, 3),
    "ucf101": Layout(UCF101, ((320, 240),), (Fraction(25), NTSC), ucf101_path, write_ucf101_lists, 3),
}
