"""Read the float16 arrays that `arrays` writes, and tell damage before a damaged number is used.

Opening a file reads its header alone, so that it costs the same for any number of rows. A block is checked once in each
process, before the first of its numbers is handed out. Files of older versions end in the CRC-32 of the header and of
each row: there, what is checked is the row.
"""

import math
import mmap
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float16, Int, UInt32
from numpy.lib import format as npy

from vibhar.errors import InputError
from vibhar.files.arrays import CRC, DIGEST, FLOAT16, digest_of

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
        """Return what `index` chooses: whole numbers of 0 and above, or arrays of them, for each axis but the last.

        Raises InputError if it is damaged. What of the file is in memory is the system's cache, which it takes back.
        """
        levels = len(self.shape) - 1 if len(self.sums) != len(self) else 1
        blocks = np.ravel_multi_index(np.broadcast_arrays(*index)[:levels], self.shape[:levels])
        new = np.unique(blocks[~self.checked[blocks]])
        if len(new):
            content = self.values.reshape(len(self.sums), -1)
            self.check(new, map(content.__getitem__, new.tolist()))
        return self.values[index]

    def rows(self) -> Iterator[Float16[np.ndarray, "*_"]]:
        """Yield all rows, each read and checked in turn, in the memory of one. Raises InputError at a damaged one."""
        blocks = len(self.sums) // max(len(self), 1)
        with self.path.open("rb") as stream:
            stream.seek(self.offset)
            for row in range(len(self)):
                read = np.fromfile(stream, np.float16, math.prod(self.shape[1:]))
                self.check(np.arange(row * blocks, (row + 1) * blocks), read.reshape(blocks, -1))
                yield read.reshape(self.shape[1:])

    def check(self, blocks: Int[np.ndarray, " n"], contents: Iterable[Float16[np.ndarray, " size"]]) -> None:
        """Compare blocks with their checksums. Raises InputError that names the first row that differs."""
        found = np.array([zlib.crc32(content.data) for content in contents], np.uint32)
        wrong = blocks[found != self.sums[blocks]]
        if len(wrong):
            raise damaged(self.path, f"row {wrong[0] * len(self) // len(self.sums)} is not what was written")
        self.checked[blocks] = True


def open_array(path: Path) -> StoredArray:
    """Open the array at `path`. Raises InputError if its header is damaged or if it has another length than written."""
    with path.open("rb") as stream:
        try:
            npy.read_magic(stream)
            shape, _, dtype = npy.read_array_header_1_0(stream)
            assert dtype == np.float16 and len(shape), "the project writes no others"
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


def damaged(path: Path, how: str) -> InputError:
    """Return the InputError for a damaged file."""
    return InputError(
        f"The features in {path} were damaged after they were written: {how}. Delete that file and run this again: "
        "only that file is computed again. If it happens twice, check the disk for faults."
    )
