"""Videos of any pixel format and orientation reach a device as they reach the host, by an old ffmpeg and a new one."""

from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from tests.edge.programs import load, write_program
from tests.videos.clips import colourful, shown_by_ffmpeg, turn, write_clip
from tests.videos.test_decoding import write_sound
from tests.videos.test_orientation import MATRICES
from vibhar.edge.measuring import ffmpeg_here
from vibhar.videos.decoding import read_frames

NEW = imageio_ffmpeg.get_ffmpeg_exe()
# What 4.2 says to every option that came later; its own -vsync is -fps_mode of today.
OLD = f"""
for word; do
  case $word in
    -fps_mode*|-autoscale|-noautoscale|-display_*|-apply_cropping|-stats_*|-enc_time_base|-readrate*)
      echo "Unrecognized option '${{word#-}}'." >&2
      echo "Error splitting the argument list: Option not found" >&2
      exit 1;;
    -vsync) word=-fps_mode;;
  esac
  shift; set -- "$@" "$word"
done
exec {NEW} "$@"
"""
TOLERANCE = 3  # levels, on average: where colours are subsampled, the scalers fill them in in two ways
frames = load("frames")
wanted = np.arange(0, 6, 2)

FORMATS = [  # container, codec, pixels
    *[("mp4", "libx264", name) for name in ("yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "gray")],
    ("mp4", "libx265", "yuv420p10le"),
    ("matroska", "libx265", "yuv444p12le"),
    ("matroska", "libsvtav1", "yuv420p10le"),
    *[("matroska", "ffv1", name) for name in ("gray", "gray10le", "gray16le", "yuva420p", "gbrp10le", "yuv411p")],
    ("mov", "prores_ks", "yuva444p10le"),
    ("mov", "png", "rgb48be"),
    ("mov", "qtrle", "argb"),
    ("gif", "gif", "pal8"),
    ("gif", "gif", "rgb8"),
    ("avi", "rawvideo", "bgr24"),
    ("avi", "mjpeg", "yuvj420p"),
    ("mp4", "libx264", "yuvj420p"),
]


@pytest.fixture(params=["old", "new"])
def ffmpeg(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return NEW if request.param == "new" else str(write_program(tmp_path / "old" / "ffmpeg", OLD))


def check_same(path: Path, ffmpeg: str) -> None:
    expected, facts = read_frames(path, lambda length: wanted)
    assert frames.count_frames(path, ffmpeg) == facts.frames
    taken = frames.decode_frames(path, wanted, ffmpeg)
    assert taken.shape == expected.pixels.shape and taken.dtype == np.uint8
    assert np.abs(taken.astype(int) - expected.pixels).mean() < TOLERANCE


@pytest.mark.parametrize(("container", "codec", "pixels"), FORMATS)
def test_every_pixel_format(tmp_path: Path, container: str, codec: str, pixels: str, ffmpeg: str) -> None:
    drawn = "rgb8" if pixels == "pal8" else pixels
    check_same(write_clip(tmp_path / "clip", container, codec, frames=6, pixels=drawn, draw=colourful), ffmpeg)


@pytest.mark.parametrize("size", [(67, 51), (1, 1), (130, 2)])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv420p10le"])
def test_odd_sizes(tmp_path: Path, size: tuple[int, int], pixels: str, ffmpeg: str) -> None:
    path = write_clip(tmp_path / "clip", "matroska", "ffv1", frames=6, size=size, pixels=pixels, draw=colourful)
    check_same(path, ffmpeg)


@pytest.mark.parametrize(
    "tags", ["colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc", "range=full", "range=limited"]
)
def test_tags_of_high_dynamic_range(tmp_path: Path, tags: str, ffmpeg: str) -> None:
    encoder = {"x265-params": f"log-level=none:{tags}"}
    path = write_clip(
        tmp_path / "clip", "mp4", "libx265", frames=6, pixels="yuv420p10le", encoder=encoder, draw=colourful
    )
    check_same(path, ffmpeg)


def test_interlaced_pictures(tmp_path: Path, ffmpeg: str) -> None:
    encoder = {"flags": "+ildct+ilme"}
    check_same(write_clip(tmp_path / "clip", "mpeg", "mpeg2video", frames=6, encoder=encoder, draw=colourful), ffmpeg)


def test_pictures_that_change_their_size(tmp_path: Path, ffmpeg: str) -> None:
    small = write_clip(tmp_path / "small", "mjpeg", "mjpeg", 3, pixels="yuvj420p", draw=colourful)
    large = write_clip(tmp_path / "large", "mjpeg", "mjpeg", 3, pixels="yuvj420p", size=(256, 192), draw=colourful)
    (tmp_path / "both").write_bytes(small.read_bytes() + large.read_bytes())
    check_same(tmp_path / "both", ffmpeg)


@pytest.mark.parametrize(("degrees", "mirror", "scale"), MATRICES)
def test_every_orientation(tmp_path: Path, degrees: float, mirror: str, scale: float, ffmpeg: str) -> None:
    path = turn(
        write_clip(tmp_path / "clip.mp4", "mp4", "libx264", 6, (64, 48), draw=colourful), degrees, mirror, scale
    )
    check_same(path, ffmpeg)
    taken = frames.decode_frames(path, wanted, ffmpeg)
    shown = shown_by_ffmpeg(path, taken.shape[1], taken.shape[2], NEW)
    assert np.abs(taken.astype(int) - shown[wanted]).mean() < 1


def test_a_file_without_pictures_is_told(tmp_path: Path, ffmpeg: str) -> None:
    with pytest.raises(frames.UnreadableVideo, match="no video stream"):
        frames.count_frames(write_sound(tmp_path / "sound.wav"), ffmpeg)


def test_the_reason_is_of_the_file_and_not_of_an_option(tmp_path: Path, ffmpeg: str) -> None:
    (tmp_path / "text.avi").write_text("no video")
    with pytest.raises(frames.UnreadableVideo, match="ffmpeg says") as caught:
        frames.count_frames(tmp_path / "text.avi", ffmpeg)
    assert "ption" not in str(caught.value)


def test_an_ffmpeg_that_does_not_run_is_told(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.avi", frames=6)
    with pytest.raises(frames.UnreadableVideo, match="died of SIGILL"):
        frames.count_frames(path, str(write_program(tmp_path / "ill", "kill -ILL $$")))
    (tmp_path / "other").write_bytes(b"\x7fELF of another processor")
    (tmp_path / "other").chmod(0o755)
    with pytest.raises(frames.UnreadableVideo, match="cannot be started"):
        frames.count_frames(path, str(tmp_path / "other"))


def test_the_host_passes_over_an_ffmpeg_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_program(tmp_path / "ffmpeg", "exit 127")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert ffmpeg_here() == NEW
    own = write_program(tmp_path / "ffmpeg", "exit 0")
    assert ffmpeg_here() == str(own)
