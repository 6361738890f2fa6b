"""Arrays of features that tell when they were damaged."""

from pathlib import Path

import numpy as np
import pytest

from vibhar.errors import InputError
from vibhar.files.arrays import load_array, new_array, save_array

ROWS = np.arange(60, dtype=np.float16).reshape(5, 2, 1, 3, 2)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    with new_array(tmp_path / "store.npy", ROWS.shape) as array:
        array[...] = ROWS
    return tmp_path / "store.npy"


def test_an_array_comes_back_and_is_a_common_npy_file(store: Path, tmp_path: Path) -> None:
    np.testing.assert_array_equal(load_array(store), ROWS)
    np.testing.assert_array_equal(np.load(store), ROWS)
    save_array(ROWS, tmp_path / "at_once.npy")
    assert (tmp_path / "at_once.npy").read_bytes() == store.read_bytes()


@pytest.mark.parametrize("shape", [(0, 0, 0, 0, 0), (0, 2, 1, 3, 2)])
def test_a_shard_without_clips(tmp_path: Path, shape: tuple[int, ...]) -> None:
    save_array(np.empty(shape, np.float16), tmp_path / "empty.npy")
    assert load_array(tmp_path / "empty.npy").shape == shape


def test_every_flipped_bit_of_every_byte_is_told(store: Path) -> None:
    good = store.read_bytes()
    for position in range(len(good)):
        store.write_bytes(good[:position] + bytes([good[position] ^ 1 << position % 8]) + good[position + 1 :])
        with pytest.raises(InputError, match=r"store\.npy were damaged"):
            load_array(store)


def test_every_length_that_it_is_cut_to_is_told(store: Path) -> None:
    good = store.read_bytes()
    for length in range(len(good)):
        store.write_bytes(good[:length])
        with pytest.raises(InputError, match="Delete that file and run this again"):
            load_array(store)


def test_the_row_is_named(store: Path) -> None:
    good = bytearray(store.read_bytes())
    good[128 + 3 * ROWS[0].nbytes] ^= 1
    store.write_bytes(good)
    with pytest.raises(InputError, match="row 3 is not what was written"):
        load_array(store)
