"""Arrays of features on disk that tell when they were damaged: a .npy file, and CRC-32 checksums behind it.

The first checksum is the header's, then one a row; any reader of .npy files takes them for nothing.
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
    """A mapped array of float16 to fill, of N > 0 rows; it stands at `path` once it is complete."""
    with complete(path) as temporary:
        array = np.lib.format.open_memmap(temporary, "w+", np.float16, shape)
        with temporary.open("r+b") as stream:  # a disk that is full ends a process that writes to a mapped file
            os.posix_fallocate(stream.fileno(), 0, temporary.stat().st_size)
        yield array
        array.flush()
        append_checksums(array, temporary)


def save_array(array: Float16[np.ndarray, "N *_"], path: Path) -> None:
    """Write an array that is in memory, with or without rows."""
    with complete(path) as temporary:
        with temporary.open("wb") as stream:
            np.save(stream, array)
        append_checksums(np.load(temporary, mmap_mode="r" if array.size else None), temporary)


def append_checksums(array: np.ndarray, path: Path) -> None:
    """Put the checksums of the file's header and of its rows behind them."""
    sums = checksums(array, path)
    with path.open("ab") as stream:
        sums.tofile(stream)


def load_array(path: Path) -> Float16[np.ndarray, "N *_"]:
    """The array at `path`, mapped. Raises InputError where a byte of it is not what was written."""
    try:
        array = np.load(path, mmap_mode="r")
    except FileNotFoundError:
        raise
    except Exception as error:  # a header that is damaged raises what it likes
        raise damaged(path, "it is no array") from error
    expected = checksums(array, path)
    end = path.stat().st_size - expected.nbytes
    if end != header_size(array, path) + array.nbytes:
        raise damaged(path, "it is cut off")
    wrong = np.flatnonzero(np.fromfile(path, np.uint32, offset=end) != expected)
    if len(wrong):
        raise damaged(path, f"row {wrong[0] - 1} is not what was written" if wrong[0] else "its header is not")
    return array


def checksums(array: np.ndarray, path: Path) -> np.ndarray:
    """CRC-32 of the header and of each row."""
    with path.open("rb") as stream:
        header = zlib.crc32(stream.read(header_size(array, path)))
    return np.array([header, *(zlib.crc32(row) for row in array)], np.uint32)


def header_size(array: np.ndarray, path: Path) -> int:
    """The bytes before the first row."""
    if isinstance(array, np.memmap):
        return int(array.offset)
    with path.open("rb") as stream:  # no rows
        np.load(stream)
        return stream.tell()


def damaged(path: Path, how: str) -> InputError:
    """The error."""
    return InputError(
        f"The features in {path} were damaged after they were written: {how}. Delete that file and run this again; it "
        "is made anew, and nothing else is touched. Where that happens twice, look at the disk."
    )
