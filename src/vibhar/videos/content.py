"""Hash the decoded content of a clip, and compute a signature that is similar for clips that look alike.

Dimensions: T frames, H rows, W columns.
"""

import hashlib
from functools import cache
from zlib import crc32

import numpy as np
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from jaxtyping import UInt8

ROWS, COLUMNS = 8, 9  # blocks of a frame, whose neighbours in a row are compared: 64 bits
FLAT = 4.0  # grey levels that the blocks of a frame differ in at least; less is one colour and some noise


class ContentHash:
    """A hash of the frames as they are decoded, and of nothing else: the same in whatever container they lie.

    Of each plane it takes the CRC-32, which is four times as fast as a hash; two clips are taken for equal only where
    those of all planes of all frames are.
    """

    def __init__(self) -> None:
        self.digest = hashlib.blake2b(digest_size=16)

    def add(self, frame: VideoFrame) -> None:
        """Take in the next frame, with its size and its rotation."""
        sums = [crc32(plane.data) for plane in planes(frame)]
        self.digest.update(f"{frame.width} {frame.height} {frame.rotation} {sums};".encode())

    def hexdigest(self) -> str:
        """The hash of all frames so far."""
        return self.digest.hexdigest()


def planes(frame: VideoFrame) -> list[np.ndarray]:
    """The samples of a frame, each plane without the padding of its rows; in RGB for the rarer formats."""
    widths = row_bytes(frame.format.name, frame.width, frame.height)
    if widths is None:
        return [np.ascontiguousarray(frame.to_ndarray(format="rgb24"))]
    stored = zip(frame.planes, widths, strict=True)
    rows = [(np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size), width) for plane, width in stored]
    return [np.ascontiguousarray(samples[:, :width]) for samples, width in rows]


@cache
def row_bytes(name: str, width: int, height: int) -> list[int] | None:
    """Bytes of a row of each plane of a format that has one or two whole bytes a sample; None for any other."""
    parts = VideoFormat(name, width, height).components
    if any(part.bits < 8 for part in parts) or (not parts) or "pal" in name:
        return None
    sizes = [0] * (1 + max(part.plane for part in parts))
    for part in parts:
        sizes[part.plane] += part.width * -(-part.bits // 8)
    return sizes


def signature(frames: UInt8[np.ndarray, "T H W 3"]) -> str:
    """64 bits a frame, in hexadecimal: which of two neighbouring blocks is the brighter one.

    After the difference hash (Krawetz 2013, "Kind of Like That"). Empty where a frame is of one colour, whose bits
    would be noise.
    """
    grey = frames.astype(np.float32).mean(axis=3)
    blocks = block_means(block_means(grey, ROWS, axis=1), COLUMNS, axis=2)
    if np.ptp(blocks, axis=(1, 2)).min() < FLAT:
        return ""
    return np.packbits(blocks[:, :, 1:] > blocks[:, :, :-1]).tobytes().hex()


def block_means(pictures: np.ndarray, blocks: int, axis: int) -> np.ndarray:
    """Means over equal stretches of an axis; where there are more blocks than pixels, some pixels stand twice."""
    length = pictures.shape[axis]
    starts = np.arange(blocks) * length // blocks
    sums = np.add.reduceat(pictures, starts, axis=axis)
    sizes = np.maximum(np.diff([*starts, length]), 1)
    return sums / sizes.reshape([-1 if place == axis else 1 for place in range(pictures.ndim)])
