"""Write and read float16 arrays as .npy files with CRC-32 checksums, so that damage is noticed.

The checksums follow the array: first that of the header, then one per row. Other readers of .npy files ignore them.
"""

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from jaxtyping import Float16

from vibhar.errors import InputError
from vibhar.files.writing import complete


@contextmanager
def new_array(path: Path, shape: tuple[int, ...]) -> Iterator[Float16[np.ndarray, "N *_"]]:
    """Yield a memory-mapped float16 array of N > 0 rows to fill; the file appears at `path` when it is complete."""
    with complete(path) as temporary:
        array = np.lib.format.open_memmap(temporary, "w+", np.float16, shape)
        with temporary.open("r+b") as stream:  # a disk that is full ends a process that writes to a mapped file
            os.posix_fallocate(stream.fileno(), 0, temporary.stat().st_size)
        yield array
        array.flush()
        append_checksums(array, temporary)


def save_array(array: Float16[np.ndarray, "N *_"], path: Path) -> None:
    """Write an array from memory with its checksums; it may have no rows."""
    with complete(path) as temporary:
        with temporary.open("wb") as stream:
            np.save(stream, array)
        append_checksums(np.load(temporary, mmap_mode="r" if array.size else None), temporary)


def append_checksums(array: np.ndarray, path: Path) -> None:
    """Append the checksums of the file's header and of its rows to the file."""
    sums = checksums(array, path)
    with path.open("ab") as stream:
        sums.tofile(stream)


def load_array(path: Path) -> Float16[np.ndarray, "N *_"]:
    """Return the array at `path`, memory-mapped. Raises InputError if any byte differs from what was written."""
    try:
        array = np.load(path, mmap_mode="r")
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged header can raise almost anything
        raise damaged(path, "it is not a .npy array") from error
    expected = checksums(array, path)
    end = path.stat().st_size - expected.nbytes
    if end != header_size(array, path) + array.nbytes:
        raise damaged(path, "it is cut off")
    wrong = np.flatnonzero(np.fromfile(path, np.uint32, offset=end) != expected)
    if len(wrong):
        raise damaged(path, f"row {wrong[0] - 1} is not what was written" if wrong[0] else "its header is damaged")
    return array


def checksums(array: np.ndarray, path: Path) -> np.ndarray:
    """Return the CRC-32 checksums of the header and of each row."""
    with path.open("rb") as stream:
        header = zlib.crc32(stream.read(header_size(array, path)))
    return np.array([header, *(zlib.crc32(row) for row in array)], np.uint32)


def header_size(array: np.ndarray, path: Path) -> int:
    """Return the number of bytes before the first row."""
    if isinstance(array, np.memmap):
        return int(array.offset)
    with path.open("rb") as stream:  # no rows
        np.load(stream)
        return stream.tell()


def damaged(path: Path, how: str) -> InputError:
    """Return the InputError for a damaged file."""
    return InputError(
        f"The features in {path} were damaged after they were written: {how}. Delete that file and run this again: "
        "only that file is computed again. If it happens twice, check the disk for faults."
    )
