"""Turn and mirror pictures by a video's display matrix, as ffmpeg 5.1 and newer do.

The matrix has nine integers; the first, second, fourth and fifth map the stored axes to the displayed ones, at any
scale. `edge/device/orientation.py` says the same in the Python of a small device.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from av.filter import Graph
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame
from jaxtyping import UInt8


class Orientation(NamedTuple):
    """What is done to a stored picture, in this order; `degrees`, clockwise, alone is not 0 where the angle is odd."""

    degrees: int = 0
    transposed: bool = False
    mirrored: bool = False  # left and right
    upended: bool = False  # top and bottom


def orientation_of(frame: VideoFrame) -> Orientation | None:
    """What the frame's display matrix asks for, None where it has none; PyAV hands that of the stream to its frames."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    return read_matrix(np.frombuffer(bytes(matrix), np.int32).tolist()) if isinstance(matrix, SideData) else None


def follow_orientation(frames: Iterable[VideoFrame]) -> Iterator[tuple[VideoFrame, Orientation]]:
    """All frames, from the first, with their orientations: one in the coded stream holds until another comes.

    Only the first frame and key frames are asked, where encoders put it: asking takes as long as decoding a small one.
    """
    orientation = None
    for frame in frames:
        if orientation is None or frame.key_frame:
            orientation = orientation_of(frame) or orientation or Orientation()
        yield frame, orientation


def read_matrix(matrix: Sequence[int]) -> Orientation:
    """The orientation of a display matrix. Odd angles are rounded to degrees, and a mirror with them is ignored."""
    across, along = math.hypot(matrix[0], matrix[3]), math.hypot(matrix[1], matrix[4])
    if not across or not along:
        return Orientation()
    angle = math.degrees(math.atan2(matrix[1] / along, matrix[0] / across))
    degrees = math.floor(abs(angle) + 0.5) * (1 if angle > 0 else -1) % 360
    right_angles = {
        0: Orientation(upended=matrix[4] < 0),
        1: Orientation(),  # too little to turn, and no mirror either
        90: Orientation(transposed=True, mirrored=matrix[3] <= 0),
        180: Orientation(mirrored=matrix[0] < 0, upended=matrix[4] < 0),
        270: Orientation(transposed=True, mirrored=matrix[3] < 0, upended=True),
    }
    return right_angles.get(degrees, Orientation(degrees))


def orient(picture: UInt8[np.ndarray, "H W 3"], orientation: Orientation) -> UInt8[np.ndarray, "h w 3"]:
    """The picture as displayed; what an odd angle does is done before, by `rotate`."""
    picture = picture.swapaxes(0, 1) if orientation.transposed else picture
    picture = picture[:, ::-1] if orientation.mirrored else picture
    return picture[::-1] if orientation.upended else picture


def rotate(frame: VideoFrame, degrees: int) -> VideoFrame:
    """The frame turned clockwise inside its own size, black at the corners, by ffmpeg's own filter."""
    graph = Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
    steps = [source, graph.add("rotate", f"{degrees}*PI/180"), graph.add("buffersink")]
    for before, after in pairwise(steps):
        before.link_to(after)
    graph.configure()
    graph.push(frame)
    rotated = graph.pull()
    assert isinstance(rotated, VideoFrame)
    return rotated
