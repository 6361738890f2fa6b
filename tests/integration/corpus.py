"""Every kind of video file that somebody may have: whole, damaged, odd or no video at all; and what becomes of each.

A kind is made by a function of the path that its file is to have. What is expected is the number of frames that are
read, or a part of the reason why the clip is unreadable.
"""

import os
import struct
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.video.stream import VideoStream

from tests.videos.clips import HEIGHT, WIDTH, patch, picture, write_clip

Build = Callable[[Path], object]


class Kind(NamedTuple):
    """A file's name, how it is made, and the frames that it has or the reason why it cannot be read."""

    name: str
    build: Build
    expected: int | str


def at(marker: bytes, offset: int) -> Callable[[bytes], int]:
    """The place `offset` bytes after a marker."""
    return lambda data: data.index(marker) + offset


def share(part: float) -> Callable[[bytes], int]:
    """A place by its share of the file."""
    return lambda data: int(part * len(data))


def cut(path: Path, place: Callable[[bytes], int], *clip: str, **options: object) -> None:
    """A clip of which the rest is missing from a place on."""
    data = write_clip(path, *clip, **options).read_bytes()  # type: ignore
    path.write_bytes(data[: place(data)])


def overwrite(path: Path, start: float, stop: float, filling: Callable[[int], bytes]) -> None:
    """An AVI file of which a part is something else."""
    data = write_clip(path).read_bytes()
    first, last = int(start * len(data)), int(stop * len(data))
    path.write_bytes(data[:first] + filling(last - first) + data[last:])


def claim(path: Path, frames: int) -> None:
    """An AVI file of 40 frames whose header counts others."""
    patch(write_clip(path), b"strh", 4 + 4 + 32, struct.pack("<I", frames))


def change_size(path: Path) -> None:
    """A raw stream whose pictures become smaller after ten of them."""
    parts = [write_clip(path, "h264", "libx264", 10, size=size).read_bytes() for size in ((WIDTH, HEIGHT), (64, 48))]
    path.write_bytes(b"".join(parts))


def write_sound(path: Path) -> None:
    """A file with sound only."""
    with av.open(str(path), "w", format="wav") as file:
        stream = file.add_stream("pcm_s16le", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        sound.sample_rate = 8000
        file.mux(stream.encode(sound))


def write_rotated(path: Path) -> None:
    """A clip that a telephone has stored lying on its side."""
    with av.open(str(path), "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(10):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture(number), format="rgb24")))
        file.mux(stream.encode())
    patch(path, b"tkhd", 4 + 40, struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30))


def link(path: Path, target: str) -> None:
    """A link, to itself or to nothing."""
    path.symlink_to(target)


def link_to_a_clip(path: Path) -> None:
    """A link to a clip elsewhere, as in a subset of a dataset."""
    path.symlink_to(write_clip(path.with_name("elsewhere"), frames=10).name)


def forbid(path: Path) -> None:
    """A clip that nobody but root may read."""
    write_clip(path, frames=10).chmod(0)


def zip_up(path: Path) -> None:
    """An archive with a clip in it, named as a clip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("clip.avi", write_clip(path.with_name("inside"), frames=10).read_bytes())


def write(path: Path, data: bytes) -> None:
    """Any bytes."""
    path.write_bytes(data)


def noise(length: int) -> bytes:
    """Random bytes, the same ones each time."""
    return np.random.default_rng(0).bytes(length)


def clip(*arguments: str, **options: object) -> Build:
    """A whole clip of ten frames."""
    return lambda path: write_clip(path, *arguments, frames=10, **options)  # type: ignore


FAST = {"movflags": "faststart"}  # the header of an MP4 first
ROOT = os.geteuid() == 0

CUT = [
    Kind("avi in its first header.avi", partial(cut, place=lambda _: 10), "Invalid data"),
    Kind("avi in the header of the stream.avi", partial(cut, place=at(b"strh", 20)), "Invalid data"),
    Kind("avi before its frames.avi", partial(cut, place=at(b"movi", 0)), "Invalid data"),
    Kind("avi after its first frame.avi", partial(cut, place=at(b"movi", 2000)), "of 40 frames"),
    Kind("avi in the middle.avi", partial(cut, place=share(0.5)), "of 40 frames"),
    Kind("avi in its index.avi", partial(cut, place=at(b"idx1", 30)), 40),
    Kind(
        "mp4 without its header.mp4", partial(cut, place=share(0.5), container="mp4", codec="libx264"), "Invalid data"
    ),
    Kind(
        "mp4 in its first box.mp4", partial(cut, place=lambda _: 20, container="mp4", codec="libx264"), "Invalid data"
    ),
    Kind(
        "mp4 in its header.mp4",
        partial(cut, place=at(b"stbl", 30), container="mp4", codec="libx264", muxer=FAST),
        "End of file",
    ),
    Kind(
        "mp4 before its frames.mp4",
        partial(cut, place=at(b"mdat", 4), container="mp4", codec="libx264", muxer=FAST),
        "0 of 40",
    ),
    Kind(
        "mp4 in the middle.mp4", partial(cut, place=share(0.6), container="mp4", codec="libx264", muxer=FAST), "of 40"
    ),
    Kind("mkv in its first element.mkv", partial(cut, place=lambda _: 20, container="matroska"), "Invalid data"),
    Kind(
        "mkv before its frames.mkv", partial(cut, place=at(b"\x1f\x43\xb6\x75", 0), container="matroska"), "End of file"
    ),
    Kind(
        "mpg in its first pack.mpg", partial(cut, place=lambda _: 10, container="mpeg", codec="mpeg1video"), "Invalid"
    ),
    Kind(
        "mpg before its frames.mpg", partial(cut, place=lambda _: 60, container="mpeg", codec="mpeg1video"), "no video"
    ),
]
NO_VIDEO = [
    Kind("empty.avi", partial(write, data=b""), "the file is empty"),
    Kind("zeros.avi", partial(write, data=bytes(5000)), "Invalid data"),
    Kind("text.avi", partial(write, data=b"404: the clip has moved\n" * 100), "Invalid data"),
    Kind("page.mp4", partial(write, data=b"<!doctype html><html><body>Sign in</body></html>"), "Invalid data"),
    Kind("noise.mpg", partial(write, data=noise(5000)), "Invalid data"),
    Kind("playlist.avi", partial(write, data=b"ffconcat version 1.0\nfile /etc/hostname\n"), "Operation not permitted"),
    Kind("address.avi", partial(write, data=b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n"), "Invalid data"),
    Kind("sound.avi", write_sound, "no video stream"),
    Kind("archive.avi", zip_up, "Invalid data"),
    Kind("folder.avi", Path.mkdir, "not a regular file"),
    Kind("pipe.avi", os.mkfifo, "not a regular file"),
    Kind("missing.avi", lambda path: None, "No such file"),
    Kind("link to nothing.avi", partial(link, target="nowhere.avi"), "No such file"),
    Kind("link to itself.avi", partial(link, target="link to itself.avi"), "Too many levels of symbolic links"),
    Kind("forbidden.avi", forbid, 10 if ROOT else "Permission denied"),
]
DAMAGED = [
    Kind("zeros in the middle.avi", partial(overwrite, start=0.4, stop=0.5, filling=bytes), 39),
    Kind("noise for frames.avi", partial(overwrite, start=0.1, stop=1.0, filling=noise), "of 40 frames"),
    Kind("zeros at the end.avi", lambda path: overwrite(path, 1.0, 1.5, bytes), 40),
    Kind("a header that counts more.avi", partial(claim, frames=1000), "decodes 40 of 1000 frames"),
    Kind("a header that counts fewer.avi", partial(claim, frames=10), 40),
    Kind("a header that counts none.avi", partial(claim, frames=0), 40),
    Kind("an unknown codec.avi", lambda path: patch(write_clip(path), b"FMP4", 0, b"ZZZZ"), "no decoder for its codec"),
]
ODD = [
    Kind("one frame.avi", lambda path: write_clip(path, frames=1), 1),
    Kind("two frames.mp4", lambda path: write_clip(path, "mp4", "libx264", 2), 2),
    Kind("1x1.avi", clip("avi", "rawvideo", size=(1, 1), pixels="rgb24"), 10),
    Kind("2x2.mkv", clip("matroska", "ffv1", size=(2, 2)), 10),
    Kind("8k.avi", lambda path: write_clip(path, "avi", "mjpeg", 2, (7680, 4320), "yuvj420p"), 2),
    Kind("odd sizes.mkv", clip("matroska", "ffv1", size=(127, 95), pixels="yuv444p"), 10),
    Kind("a size that changes.h264", change_size, 20),
    Kind("a varying rate.mp4", clip("mp4", "libx264", time=lambda number: number * number), 10),
    Kind("a gap of an hour.mkv", clip("matroska", "mpeg4", time=lambda number: number + 90000 * (number > 4)), 10),
    Kind("rotated.mp4", write_rotated, 10),
    Kind("444.mp4", clip("mp4", "libx264", pixels="yuv444p"), 10),
    Kind("ten bits.mkv", clip("matroska", "libx264", pixels="yuv420p10le"), 10),
    Kind("grey.mkv", clip("matroska", "ffv1", pixels="gray"), 10),
    Kind("sixteen grey bits.mkv", clip("matroska", "ffv1", pixels="gray16le"), 10),
    Kind("transparent.mkv", clip("matroska", "ffv1", pixels="yuva420p"), 10),
    Kind("palette.gif", clip("gif", "gif", pixels="rgb8"), 10),
    Kind("planar rgb.mkv", clip("matroska", "libx264rgb", pixels="rgb24"), 10),
]
NAMED = [
    Kind(f"{name}.avi", clip(), 10)
    for name in ("a b", 'it\'s "so"', "new\nline", "ünïcödé 動画", "clip:1", "%03d", "-i", "$(touch x);&|", "[1]*?")
]
LINKED = [Kind("link.avi", link_to_a_clip, 10)]

CORPUS = [*CUT, *NO_VIDEO, *DAMAGED, *ODD, *NAMED, *LINKED]
