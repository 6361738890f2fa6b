"""Decode video files exactly: frame i is the i-th frame of a sequential decode, whatever the header says.

PyAV decodes every clip once from end to end to learn what is in it. The frames are then read by decord if its
seeking was measured to be exact for the format, and otherwise by a second sequential decode.
"""

import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar

import av
import decord
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from jaxtyping import Int, UInt8

from vibhar.videos.content import ContentHash
from vibhar.videos.orientation import Orientation, follow_orientation, orient, orientation_of, rotate

# Containers with a codec, as ffmpeg names them, in which decord's seeking was measured to be exact, given what
# `decord_is_exact` checks; UCF101 and Weizmann are made of this one. In MPEG program streams (UCF11) decord returns
# frames about ten positions off, without an error.
DECORD_EXACT = {("avi", "mpeg4")}
DECORD_LEAST_WIDTH = 128  # below this, it may read the padding of the rows as a fourth channel

# If less than this share of the expected frames decodes, the file was cut short and may lack the action itself.
# Above it, only single frames are damaged, or the header rounds up.
LEAST_DECODABLE = 0.9

T = TypeVar("T")


class UnreadableClip(Exception):
    """A clip cannot be decoded; the text is the reason, a phrase for a table."""


class VideoFacts(NamedTuple):
    """The facts of a decoded clip. `frames` is how many frames decode; `fps` is 0 if the file does not tell it.

    `width` and `height` are those of the first frame as displayed. `container` is ffmpeg's name of the format;
    `reader` is "decord" or "pyav". `content` is a hash of all frames, equal for clips that show the same.
    """

    frames: int
    fps: float
    width: int
    height: int
    container: str
    reader: str
    content: str


class SampledFrames(NamedTuple):
    """The sampled frames of one clip in RGB, each stored once; `pixels[order]` are those at the requested positions."""

    pixels: UInt8[np.ndarray, "U H W 3"]
    order: Int[np.ndarray, "..."]


def read_frames(path: Path, choose: Callable[[int], Int[np.ndarray, "..."]]) -> tuple[SampledFrames, VideoFacts]:
    """Read the frames of a clip at the positions that `choose` returns for the number of frames that decode.

    The positions may have any shape and repeat. Frames are counted in the order of display, not by time. They are
    turned and mirrored as the clip's display matrix says, and scaled to the first frame's size where the size changes
    midway; pixels that are not square, and the lines of both fields, are left as stored. Raises UnreadableClip with
    the reason where the clip cannot be read, and IndexError where `choose` asks for a frame that is not there.
    """
    with decoder_errors():
        facts = inspect(path)
    wanted, order = np.unique(choose(facts.frames), return_inverse=True)
    if wanted[0] < 0 or wanted[-1] >= facts.frames:
        raise IndexError(f"frames {wanted[0]} to {wanted[-1]} were asked of {path}, which has {facts.frames}")
    with decoder_errors():
        if facts.reader == "decord":
            return SampledFrames(read_with_decord(path, wanted.tolist()), order), facts
        return SampledFrames(read_with_pyav(path, wanted.tolist(), facts.width, facts.height), order), facts


@contextmanager
def decoder_errors() -> Iterator[None]:
    """Turn whatever a decoder raises into UnreadableClip."""
    try:
        yield
    except UnreadableClip:
        raise
    except (OSError, av.FFmpegError) as error:
        raise UnreadableClip(error.strerror or str(error)) from error
    except Exception as error:  # decoders raise exceptions of many kinds
        raise UnreadableClip(f"{type(error).__name__}: {error}".splitlines()[0]) from error


@dataclass
class Tally:
    """Counts of frames, packets and errors in one sequential decode."""

    frames: int = 0
    packets: int = 0
    failed: int = 0  # packets that could not be decoded
    slots: int = 0  # the length in units of time, which in AVI are frames
    size: tuple[int, int] = (0, 0)  # of the first frame
    upright: bool = True  # whether the first frame is displayed as it is stored
    keys: set[int | None] = field(default_factory=set)  # the times at which key frames came out of the decoder
    content: ContentHash = field(default_factory=ContentHash)

    def add(self, packet: Packet, frames: list[VideoFrame] | None) -> None:
        """Count a packet and the frames decoded from it; `frames` is None if decoding failed."""
        self.failed += frames is None
        frames = frames or []
        if frames and not self.frames:
            self.size = displayed_size(frames[0])
            self.upright = orientation_of(frames[0]) in (None, Orientation())
        self.frames += len(frames)
        for frame in frames:
            self.content.add(frame)
        self.keys |= {packet.dts for frame in frames if frame.key_frame}
        if packet.size:  # the last packet is an empty one, which flushes the decoder
            self.packets += 1
            self.slots = max(self.slots, 1 + (packet.dts or 0))


def inspect(path: Path) -> VideoFacts:
    """Decode the clip at `path` from end to end, keeping no pixels. Raises UnreadableClip, or an error of PyAV."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
        raise UnreadableClip("not a regular file")
    if not status.st_size:
        raise UnreadableClip("the file is empty")
    tally = Tally()
    with open_video(path) as (container, stream):
        for packet, frames in decode(container, stream):
            tally.add(packet, frames)
        check_complete(tally, container, stream)
        reader = "decord" if decord_is_exact(tally, container, stream) else "pyav"
        fps = float(stream.average_rate or stream.guessed_rate or 0)
        content = tally.content.hexdigest()
        return VideoFacts(tally.frames, fps, *tally.size, container.format.name, reader, content)


def check_complete(tally: Tally, container: InputContainer, stream: VideoStream) -> None:
    """Raise UnreadableClip if too few of the expected frames decode: those in packets and those in the header."""
    if container.format.name == "avi":  # counts slots of time, and a slot in which the last frame stands has no packet
        missing = stream.frames - tally.slots
    elif "mov" in container.format.name:  # counts what an edit list cuts away, too
        missing = len(stream.index_entries) - tally.packets
    else:  # the count is 0 where the header has none
        missing = stream.frames - tally.packets
    expected = tally.frames + tally.failed + max(missing, 0)
    if tally.frames < max(LEAST_DECODABLE * expected, 1):
        raise UnreadableClip(f"decodes {tally.frames} of {expected} frames")


def decord_is_exact(tally: Tally, container: InputContainer, stream: VideoStream) -> bool:
    """Return whether decord counts and seeks the frames of this stream correctly.

    Of MPEG-4 in AVI it misplaces frames after one that was left out, the last one where there are B-frames, and any
    where the header's count or the table of key frames is false; and it fails on some very narrow pictures.
    It turns and mirrors nothing.
    """
    known = (container.format.name, stream.codec_context.name) in DECORD_EXACT
    counted = tally.frames == tally.packets == stream.frames
    # With B-frames a key frame comes out later than it went in, so that the times differ from those of the table.
    seekable = tally.keys == {entry.timestamp for entry in stream.index_entries if entry.is_keyframe}
    return known and counted and seekable and tally.upright and tally.size[0] >= DECORD_LEAST_WIDTH


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Yield the opened file and its video stream. Raises UnreadableClip if it has none, or no decoder exists for it."""
    # An absolute path is never taken for a URL, even with a colon in it. Old AVI files have Latin-1 titles.
    with av.open(str(path.absolute()), metadata_errors="replace") as container:
        stream = container.streams.best("video")
        if not isinstance(stream, VideoStream) or stream.disposition & Disposition.attached_pic:
            raise UnreadableClip("no video stream")
        if stream.codec_context is None:
            raise UnreadableClip("no decoder for its codec")
        stream.codec_context.thread_count = 1  # the pool already runs one clip per process in parallel
        yield container, stream


def decode(container: InputContainer, stream: VideoStream) -> Iterator[tuple[Packet, list[VideoFrame] | None]]:
    """Yield each packet with the frames decoded from it, in display order; None instead if decoding failed."""
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            frames = None
        yield packet, frames


def read_with_decord(path: Path, wanted: list[int]) -> UInt8[np.ndarray, "U H W 3"]:
    """Read the frames at the sorted positions `wanted`, by seeking with decord."""
    return decord.VideoReader(str(path.absolute()), num_threads=1).get_batch(wanted).asnumpy()


def read_with_pyav(path: Path, wanted: list[int], width: int, height: int) -> UInt8[np.ndarray, "U H W 3"]:
    """Read the frames at the sorted positions `wanted` with PyAV, by decoding all frames before them as well."""
    with open_video(path) as (container, stream):
        frames = (frame for _, decoded in decode(container, stream) for frame in decoded or [])
        chosen = pick(follow_orientation(frames), wanted)
        return np.stack([to_rgb(frame, orientation, width, height) for frame, orientation in chosen])


def pick(frames: Iterable[T], wanted: list[int]) -> Iterator[T]:
    """The frames at the sorted positions `wanted`; decoding stops after the last of them."""
    positions = set(wanted)
    for position, frame in enumerate(frames):
        if position in positions:
            yield frame
        if position == wanted[-1]:
            return


def displayed_size(frame: VideoFrame) -> tuple[int, int]:
    """Width and height after the quarter turns that the first frame asks for, as telephones' upright clips do."""
    orientation = orientation_of(frame) or Orientation()
    return (frame.height, frame.width) if orientation.transposed else (frame.width, frame.height)


def to_rgb(frame: VideoFrame, orientation: Orientation, width: int, height: int) -> UInt8[np.ndarray, "H W 3"]:
    """The frame's pixels as displayed, scaled to `width` and `height`."""
    stored = (height, width) if orientation.transposed else (width, height)
    turned = rotate(frame, orientation.degrees) if orientation.degrees else frame
    return orient(turned.to_ndarray(format="rgb24", width=stored[0], height=stored[1]), orientation)
