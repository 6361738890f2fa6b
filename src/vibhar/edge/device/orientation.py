"""Turn and mirror pictures by a video's display matrix, as ffmpeg 5.1 and newer do, with any ffmpeg.

The host has the same rules in `videos/orientation.py`.
"""

import math
import struct
from collections import namedtuple

UPRIGHT = (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)

# What is done to a stored picture, in this order; `degrees`, clockwise, alone is not 0 where the angle is odd.
Orientation = namedtuple("Orientation", ["degrees", "transposed", "mirrored", "upended"])


def read_header(header):
    """The display matrix, nine integers, of the track header of a QuickTime file; the upright one where it has none."""
    place = header.find(b"tkhd")
    return UPRIGHT if place < 0 else struct.unpack(">9i", header[place + 44 : place + 80])


def read_matrix(matrix):
    """The orientation of a display matrix. Odd angles are rounded to degrees, and a mirror with them is ignored."""
    across, along = math.hypot(matrix[0], matrix[3]), math.hypot(matrix[1], matrix[4])
    if not across or not along:
        return Orientation(0, False, False, False)
    angle = math.degrees(math.atan2(matrix[1] / along, matrix[0] / across))
    degrees = math.floor(abs(angle) + 0.5) * (1 if angle > 0 else -1) % 360
    right_angles = {
        0: Orientation(0, False, False, matrix[4] < 0),
        1: Orientation(0, False, False, False),  # too little to turn, and no mirror either
        90: Orientation(0, True, matrix[3] <= 0, False),
        180: Orientation(0, False, matrix[0] < 0, matrix[4] < 0),
        270: Orientation(0, True, matrix[3] < 0, True),
    }
    return right_angles.get(degrees, Orientation(degrees, False, False, False))


def orient(frames, orientation):
    """Frames [T, H, W, 3] as displayed; what an odd angle does is done before, by ffmpeg."""
    frames = frames.swapaxes(1, 2) if orientation.transposed else frames
    frames = frames[:, :, ::-1] if orientation.mirrored else frames
    return frames[:, ::-1] if orientation.upended else frames
