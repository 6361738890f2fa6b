"""Clips that are turned and mirrored are read as the program ffmpeg shows them."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from tests.videos.clips import colourful, shown_by_ffmpeg, turn, write_clip
from vibhar.videos.decoding import read_frames
from vibhar.videos.orientation import Orientation, read_matrix

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
RIGHT_ANGLES = [(degrees, mirror, 1) for degrees in (0, 90, 180, 270) for mirror in ("", "h", "v")]
ODD = [(45, "", 1), (-30, "", 1), (200, "h", 1), (1, "", 1), (359, "v", 1), (88, "v", 1), (-90, "", 1), (450, "h", 1)]
SCALED = [(0, "v", 2), (90, "h", 0.5), (270, "", 3), (45, "", 2)]
MATRICES = RIGHT_ANGLES + ODD + SCALED


@pytest.mark.parametrize(("degrees", "mirror", "scale"), MATRICES)
def test_every_orientation_is_that_of_ffmpeg(tmp_path: Path, degrees: float, mirror: str, scale: float) -> None:
    path = write_clip(tmp_path / "clip.mp4", "mp4", "libx264", frames=6, size=(64, 48), draw=colourful)
    sampled, facts = read_frames(turn(path, degrees, mirror, scale), np.arange)
    shown = shown_by_ffmpeg(path, facts.height, facts.width, FFMPEG)
    assert sampled.pixels.shape == shown.shape
    assert np.abs(sampled.pixels.astype(int) - shown).mean() < 1


@pytest.mark.parametrize("mirror", ["horizontal", "vertical"])
def test_an_orientation_in_the_coded_stream_holds_until_another_comes(tmp_path: Path, mirror: str) -> None:
    path = write_clip(tmp_path / "plain.mp4", "mp4", "libx264", frames=6, size=(64, 48), draw=colourful)
    turned = tmp_path / "turned.mp4"
    what = f"h264_metadata=display_orientation=insert:rotate=90:flip={mirror}"
    subprocess.run([FFMPEG, "-v", "error", "-i", path, "-c", "copy", "-bsf:v", what, turned], check=True)
    sampled, facts = read_frames(turned, np.arange)
    assert np.abs(sampled.pixels.astype(int) - shown_by_ffmpeg(turned, facts.height, facts.width, FFMPEG)).mean() < 1


def test_a_clip_that_changes_its_size_is_turned_as_a_whole(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", "mp4", "libx264", frames=6, size=(64, 48), draw=colourful)
    sampled, facts = read_frames(turn(path, 90, "h"), lambda length: np.array([length - 1, 0]))
    assert (facts.width, facts.height) == (48, 64)
    assert sampled.pixels.shape == (2, 64, 48, 3)


def test_a_matrix_that_says_nothing_turns_nothing() -> None:
    assert read_matrix([0] * 9) == Orientation()
