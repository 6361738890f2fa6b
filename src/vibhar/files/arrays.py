"""Write float16 arrays as .npy files with checksums, and read them so that damage is told.

Other readers of .npy files ignore what follows the array: a CRC-32 of the header and the digest, a CRC-32 of each
block, and a digest of them, the SHA-256 of the header and the blocks' checksums. A block is one stretch of the last
axis, the features of one frame. Files of older versions end in the CRC-32 of the header and of each row.

Opening a file reads its header alone, so that it costs the same for any number of rows. A block, or an older file's
row, is checked once in each process, before the first of its numbers is handed out.
"""

import hashlib
import math
import mmap
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float16, UInt32
from numpy.lib import format as npy

from vibhar.errors import InputError
from vibhar.files.writing import complete

DIGEST = hashlib.sha256().digest_size
CRC, FLOAT16 = 4, 2  # bytes
LARGE = 2**16  # bytes: smaller blocks than what the system reads ahead are read without reading ahead

Index = tuple[np.ndarray | int, ...]


@dataclass(frozen=True)
class StoredArray:
    """An array [N, ...] on the disk. `checked` says of each block, or row, whether its checksum was found right."""

    path: Path
    values: Float16[np.ndarray, "N *_"]  # mapped
    offset: int  # bytes before the first row
    sums: UInt32[np.ndarray, " blocks"]  # mapped
    checked: Bool[np.ndarray, " blocks"]
    digest: bytes  # equal for equal arrays

    def __len__(self) -> int:
        return len(self.values)

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of all axes."""
        return self.values.shape

    def __getitem__(self, index: Index) -> Float16[np.ndarray, "*chosen D"]:
        """Return a copy of what `index` chooses: whole numbers, or arrays of them, for each axis but the last.

        Raises InputError if it is damaged. The memory that counts as the process's own is that of the copy; the rest
        is the system's cache of the file.
        """
        levels = len(self.shape) - 1 if len(self.sums) != len(self) else 1
        blocks = np.ravel_multi_index(np.broadcast_arrays(*index)[:levels], self.shape[:levels])
        new = np.unique(blocks[~self.checked[blocks]])
        content = self.values.reshape(len(self.sums), -1) if len(new) else self.values
        for block in new.tolist():
            self.check(block, content[block])
        return self.values[index]

    def rows(self) -> Iterator[Float16[np.ndarray, "*_"]]:
        """Yield all rows, each read and checked in turn, in the memory of one. Raises InputError at a damaged one."""
        blocks = len(self.sums) // max(len(self), 1)
        with self.path.open("rb") as stream:
            stream.seek(self.offset)
            for row in range(len(self)):
                read = np.fromfile(stream, np.float16, math.prod(self.shape[1:]))
                for block, content in enumerate(read.reshape(blocks, -1), row * blocks):
                    self.check(block, content)
                yield read.reshape(self.shape[1:])

    def check(self, block: int, content: Float16[np.ndarray, " n"]) -> None:
        """Compare a block with its checksum. Raises InputError that names its row."""
        if zlib.crc32(content.data) != self.sums[block]:
            row = block * len(self) // len(self.sums)
            raise damaged(self.path, f"row {row} is not what was written")
        self.checked[block] = True


def open_array(path: Path) -> StoredArray:
    """Open the array at `path`. Raises InputError if its header is damaged or if it has another length than written."""
    with path.open("rb") as stream:
        try:
            npy.read_magic(stream)
            shape, _, dtype = npy.read_array_header_1_0(stream)
            assert dtype == np.float16, "the project writes no others"
        except Exception as error:  # a damaged header can raise almost anything
            raise damaged(path, "it is not a .npy array") from error
        offset = stream.tell()
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    end = offset + math.prod(shape) * FLOAT16
    blocks, older = math.prod(shape[:-1]), shape[0]
    sizes = {CRC * (1 + blocks) + DIGEST: (blocks, DIGEST), CRC * (1 + older): (older, 0)}
    if len(mapped) - end not in sizes:
        raise damaged(path, "it is cut off")
    count, ending = sizes[len(mapped) - end]
    header, digest = mapped[:offset], mapped[len(mapped) - ending :]
    if zlib.crc32(header + digest) != int.from_bytes(mapped[end : end + CRC], "little"):
        raise damaged(path, "its header is damaged")
    if shape[-1] * FLOAT16 < LARGE:
        mapped.madvise(mmap.MADV_RANDOM)
    values = np.frombuffer(mapped, np.float16, math.prod(shape), offset).reshape(shape)
    sums = np.frombuffer(mapped, "<u4", count, end + CRC)
    return StoredArray(path, values, offset, sums, np.zeros(count, bool), digest or digest_of(header, sums))


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


def damaged(path: Path, how: str) -> InputError:
    """Return the InputError for a damaged file."""
    return InputError(
        f"The features in {path} were damaged after they were written: {how}. Delete that file and run this again: "
        "only that file is computed again. If it happens twice, check the disk for faults."
    )
