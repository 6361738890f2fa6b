"""Render a whole dataset; each group and each clip has a random seed of its own."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from tqdm import tqdm

from vibhar.datasets.rendered.clip import draw_look, render
from vibhar.datasets.rendered.encode import write_video
from vibhar.datasets.rendered.layouts import LAYOUTS, Clip, Layout
from vibhar.errors import InputError


def render_dataset(
    layout: str,
    root: Path,
    *,
    seed: int,
    groups: int,
    clips_per_group: int,
    frames: tuple[int, int],
    classes: Sequence[str] | None = None,
) -> None:
    """Render figures that evoke the actions of UCF11, HMDB51 or UCF101, laid out on disk as the real set is.

    `layout` is "ucf11", "hmdb51" or "ucf101"; `frames` are the shortest and the longest length of a clip, both
    included; `classes` picks some of the layout's. The same arguments give the same bytes, and a clip depends only on
    the seed, `frames`, and its own layout, class, group and number. `root` appears when everything is written.
    Raises InputError for an unknown layout or class, numbers out of range, or a `root` that is not empty.
    """
    form = _find_layout(layout)
    wanted = _choose_classes(layout, form, classes)
    _check_numbers(form, groups, clips_per_group, frames)
    _check_root(root)
    part = root.with_name(f".partial-{root.name}")
    shutil.rmtree(part, ignore_errors=True)
    numbers = [(action, g, c) for action in wanted for g in range(1, groups + 1) for c in range(1, clips_per_group + 1)]
    clips = [_render_clip(layout, part, seed, number, frames) for number in tqdm(numbers, desc=layout, unit="clip")]
    form.write_lists(part, clips, groups)
    part.replace(root)


def _render_clip(layout: str, root: Path, seed: int, number: tuple[str, int, int], frames: tuple[int, int]) -> Clip:
    action, group, clip = number
    form, name = LAYOUTS[layout], crc32(f"{layout}/{action}".encode())
    of_group, of_clip = np.random.default_rng([seed, name, group]), np.random.default_rng([seed, name, group, clip])
    look, size = draw_look(of_group), form.sizes[of_group.integers(len(form.sizes))]
    rate, length = form.rates[of_group.integers(len(form.rates))], int(of_clip.integers(*frames, endpoint=True))
    path = form.path(action, group, clip)
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    write_video(root / path, render(form.classes[action], look, size, length, of_clip), size, rate)
    return Clip(action, group, clip, path, length)


def _find_layout(layout: str) -> Layout:
    if layout not in LAYOUTS:
        raise InputError(f"There is no rendered layout {layout!r}; choose one of {', '.join(LAYOUTS)}.")
    return LAYOUTS[layout]


def _choose_classes(layout: str, form: Layout, classes: Sequence[str] | None) -> list[str]:
    wanted = sorted(set(form.classes if classes is None else classes))
    if not wanted or not form.classes.keys() >= set(wanted):
        raise InputError(
            f"The classes {wanted} of the rendered {layout} were asked for; choose one or more of "
            f"{', '.join(form.classes)}."
        )
    return wanted


def _check_numbers(form: Layout, groups: int, clips: int, frames: tuple[int, int]) -> None:
    if groups < form.least_groups or clips < 1:
        raise InputError(
            f"A dataset was to be rendered with {groups} groups of {clips} clips; this layout needs "
            f"{form.least_groups} groups or more, of one clip or more."
        )
    if not 2 <= frames[0] <= frames[1]:
        raise InputError(
            f"Clips of {tuple(frames)} frames cannot be rendered. Give the least number, 2 or more, and the most."
        )


def _check_root(root: Path) -> None:
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise InputError(f"{root} is not an empty folder; remove it or choose another root for the rendered dataset.")
