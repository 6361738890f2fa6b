"""Arrays of features that tell when they were damaged, at the latest when the damaged row is read."""

import zlib
from pathlib import Path

import numpy as np
import pytest

from vibhar.errors import InputError
from vibhar.files.arrays import DIGEST, new_array, save_array
from vibhar.files.checked_arrays import StoredArray, open_array

ROWS = np.arange(60, dtype=np.float16).reshape(5, 2, 1, 3, 2)
HEADER = 128  # bytes


@pytest.fixture
def store(tmp_path: Path) -> Path:
    with new_array(tmp_path / "store.npy", ROWS.shape) as array:
        for row in (3, 0, 4, 1, 2):
            array[row] = ROWS[row]
    return tmp_path / "store.npy"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A file as versions before wrote it: checksums of the header and of each row."""
    path = tmp_path / "older.npy"
    np.save(path, ROWS)
    sums = [zlib.crc32(path.read_bytes()[:HEADER]), *(zlib.crc32(row) for row in ROWS)]
    with path.open("ab") as stream:
        stream.write(np.array(sums, np.uint32).tobytes())
    return path


def everything(array: StoredArray) -> np.ndarray:
    """All numbers, read as training reads them."""
    return array[tuple(np.ogrid[tuple(slice(size) for size in array.shape[:-1])])]


def test_an_array_comes_back_and_is_a_common_npy_file(store: Path, tmp_path: Path) -> None:
    np.testing.assert_array_equal(everything(open_array(store)), ROWS)
    np.testing.assert_array_equal(np.stack([*open_array(store).rows()]), ROWS)
    np.testing.assert_array_equal(np.load(store), ROWS)
    np.testing.assert_array_equal(np.load(store, mmap_mode="r"), ROWS)
    save_array(ROWS, tmp_path / "at_once.npy")
    assert (tmp_path / "at_once.npy").read_bytes() == store.read_bytes()


def test_a_choice_is_numpys(store: Path) -> None:
    rows, views, frames = np.array([[4], [0]]), np.array([[0, 1, 1], [1, 0, 0]]), np.arange(3)
    np.testing.assert_array_equal(open_array(store)[rows, views, 0, frames], ROWS[rows, views, 0, frames])
    np.testing.assert_array_equal(open_array(store)[2, 1, 0, 2], ROWS[2, 1, 0, 2])


@pytest.mark.parametrize("shape", [(0, 0, 0, 0, 0), (0, 2, 1, 3, 2)])
def test_a_shard_without_clips(tmp_path: Path, shape: tuple[int, ...]) -> None:
    save_array(np.empty(shape, np.float16), tmp_path / "empty.npy")
    empty = open_array(tmp_path / "empty.npy")
    assert (empty.shape, len(empty), [*empty.rows()]) == (shape, 0, [])
    none = np.empty((0, 1), int)
    assert empty[none, none, none, none].shape == (0, 1, shape[-1])


@pytest.mark.parametrize("written", ["store", "older"])
@pytest.mark.parametrize("read", [everything, lambda array: [*array.rows()]], ids=["chosen", "rows"])
def test_every_flipped_bit_of_every_byte_is_told(request: pytest.FixtureRequest, written: str, read) -> None:
    path = request.getfixturevalue(written)
    good = path.read_bytes()
    for position in range(len(good)):
        path.write_bytes(good[:position] + bytes([good[position] ^ 1 << position % 8]) + good[position + 1 :])
        with pytest.raises(InputError, match=rf"{path.name} were damaged"):
            read(open_array(path))


@pytest.mark.parametrize("written", ["store", "older"])
def test_every_length_that_it_is_cut_to_is_told(request: pytest.FixtureRequest, written: str) -> None:
    path = request.getfixturevalue(written)
    good = path.read_bytes()
    for length in range(len(good)):
        path.write_bytes(good[:length])
        with pytest.raises(InputError, match="Delete that file and run this again"):
            open_array(path)


@pytest.mark.parametrize("written", ["store", "older"])
def test_the_row_is_named_and_the_others_are_read(request: pytest.FixtureRequest, written: str) -> None:
    path = request.getfixturevalue(written)
    damage(path, HEADER + 3 * ROWS[0].nbytes)
    array, kept = open_array(path), np.array([0, 1, 2, 4])
    np.testing.assert_array_equal(array[kept, 0, 0, 0], ROWS[kept, 0, 0, 0])
    for _ in range(2):
        with pytest.raises(InputError, match="row 3 is not what was written"):
            array[np.arange(5), 0, 0, 0]


def test_what_is_read_is_checked_once_and_the_rest_of_its_row_is_not_read(store: Path) -> None:
    array = open_array(store)
    array[np.array([1, 1]), 0, 0, 2]
    assert array.checked.sum() == 1
    damage(store, HEADER + ROWS[0].nbytes + 2 * ROWS[0, 0, 0, 0].nbytes)
    array[1, 0, 0, 2]  # the mapped file shows the damage, which came after the check
    with pytest.raises(InputError, match="row 1 is not"):
        open_array(store)[1, 0, 0, 2]
    open_array(store)[1, 1, 0, 2]


def test_the_digest_changes_with_what_is_in_the_file(store: Path, older: Path, tmp_path: Path) -> None:
    save_array(ROWS + 1, tmp_path / "other.npy")
    save_array(ROWS, tmp_path / "same.npy")
    digests = [open_array(path).digest for path in (store, tmp_path / "same.npy", older, tmp_path / "other.npy")]
    assert digests[0] == digests[1]
    assert len({*digests}) == 3
    assert {len(digest) for digest in digests} == {DIGEST}


def test_a_row_that_is_missing_or_has_another_shape_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"row 1 of .* was not written"), new_array(tmp_path / "a", (3, 4)) as array:
        array[0] = array[2] = np.zeros(4)
    with pytest.raises(ValueError, match=r"row 0 is \(3,\)"), new_array(tmp_path / "a", (3, 4)) as array:
        array[0] = np.zeros(3)
    assert not [*tmp_path.iterdir()]


def damage(path: Path, position: int) -> None:
    """Flip a bit."""
    with path.open("r+b") as stream:
        stream.seek(position)
        byte = stream.read(1)[0]
        stream.seek(position)
        stream.write(bytes([byte ^ 1]))
