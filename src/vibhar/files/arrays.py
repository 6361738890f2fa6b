"""Write float16 arrays as .npy files with the checksums by which `checked_arrays` tells damage.

Other readers of .npy files ignore what follows the array: a CRC-32 of the header and the digest, a CRC-32 of each
block, and the digest, the SHA-256 of the header and the blocks' checksums. A block is one stretch of the last axis, the
features of one frame.
"""

import hashlib
import math
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from jaxtyping import Float16
from numpy.lib import format as npy

from vibhar.files.writing import complete

CRC, FLOAT16, DIGEST = 4, 2, hashlib.sha256().digest_size  # bytes


class ArrayWriter:
    """Rows on their way to a file. `sums` are the checksums of their blocks, `written` the rows that are there."""

    def __init__(self, descriptor: int, shape: tuple[int, ...], offset: int) -> None:
        self.descriptor, self.shape, self.offset = descriptor, shape, offset
        self.sums = np.zeros((shape[0], math.prod(shape[1:-1])), "<u4")
        self.written = np.zeros(shape[0], bool)

    def __setitem__(self, row: int, values: np.ndarray) -> None:
        """Write row 0 .. N - 1, as float16. Raises ValueError if it has another shape than the array's rows."""
        blocks = np.ascontiguousarray(values, np.float16)
        if blocks.shape != self.shape[1:]:
            raise ValueError(f"row {row} is {blocks.shape}, the array's rows are {self.shape[1:]}")
        self.sums[row] = [zlib.crc32(block.data) for block in blocks.reshape(self.sums.shape[1], -1)]
        rest, position = blocks.reshape(-1).view(np.uint8).data, self.offset + row * blocks.nbytes
        while rest:  # the system may write less than it is given
            done = os.pwrite(self.descriptor, rest, position)
            rest, position = rest[done:], position + done
        self.written[row] = True


@contextmanager
def new_array(path: Path, shape: tuple[int, ...]) -> Iterator[ArrayWriter]:
    """Yield what takes the rows of a float16 array [N, ...], in any order; the memory in use is that of one row.

    The file appears at `path` when it is complete. Raises ValueError if a row was not written.
    """
    with complete(path) as temporary, temporary.open("w+b") as stream:
        described = {"descr": npy.dtype_to_descr(np.dtype(np.float16)), "fortran_order": False, "shape": shape}
        npy.write_array_header_1_0(stream, described)
        stream.flush()
        writer = ArrayWriter(stream.fileno(), shape, stream.tell())
        yield writer
        if not writer.written.all():
            raise ValueError(f"row {writer.written.argmin()} of {path} was not written")
        stream.seek(0)
        header = stream.read(writer.offset)
        digest = digest_of(header, writer.sums)
        stream.seek(writer.offset + math.prod(shape) * FLOAT16)
        stream.write(zlib.crc32(header + digest).to_bytes(CRC, "little") + writer.sums.tobytes() + digest)


def save_array(array: Float16[np.ndarray, "N *_"], path: Path) -> None:
    """Write an array from memory; it may have no rows."""
    with new_array(path, array.shape) as rows:
        for row, values in enumerate(array):
            rows[row] = values


def digest_of(header: bytes, sums: np.ndarray) -> bytes:
    """Return the SHA-256 of the header and the blocks' checksums."""
    return hashlib.sha256(header + sums.tobytes()).digest()
