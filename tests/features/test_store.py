"""A split of a store is opened by its header, read in batches, and tells damage when the damaged clip is read."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from vibhar.errors import InputError
from vibhar.features.fused import JoinedArray, open_features, write_fused
from vibhar.features.store import ClipSet, SplitData, open_split
from vibhar.files.arrays import save_array

CLIPS, VIEWS, CROPS, FRAMES = 12, 3, 2, 4
PARTS = ["train"] * 6 + ["validation"] * 3 + ["test"] * 3


@pytest.fixture
def arrays(tmp_path: Path) -> list[np.ndarray]:
    """The features of two CNNs, in files a.npy and b.npy, and an index of their clips."""
    random = np.random.default_rng(0)
    arrays = [random.random((CLIPS, VIEWS, CROPS, FRAMES, width)).astype(np.float16) for width in (5, 2)]
    for name, array in zip("ab", arrays, strict=True):
        save_array(array, tmp_path / f"{name}.npy")
    labels = [f"class{row % 2}" for row in range(CLIPS)]
    pd.DataFrame({"label": labels, "split1": PARTS, "status": "ok"}).to_parquet(tmp_path / "clips.parquet")
    return arrays


@pytest.fixture
def fused(tmp_path: Path, arrays: list[np.ndarray]) -> Path:
    """The file that joins the two."""
    write_fused([tmp_path / "a.npy", tmp_path / "b.npy"], tmp_path / "c.json")
    return tmp_path / "c.json"


def open_here(store: Path) -> SplitData:
    """The split of these tests."""
    return open_split(store, store.parent / "clips.parquet", "split1", strategy="segment")


def batches(clips: ClipSet) -> list[torch.Tensor]:
    """What is read for three epochs of training and one validation."""
    generator = np.random.default_rng(1)
    epochs = [x for _ in range(3) for x, _ in clips.shuffled_batches(4, generator)]
    return epochs + [x for x, _ in clips.ordered_batches(4)]


def test_batches_from_the_disk_are_those_from_memory(fused: Path, arrays: list[np.ndarray]) -> None:
    for store, array in ((fused.with_name("a.npy"), arrays[0]), (fused, np.concatenate(arrays, axis=-1))):
        training = open_here(store).training
        inside = ClipSet(array, training.rows, training.labels)
        for ours, expected in zip(batches(training), batches(inside), strict=True):
            assert torch.equal(ours, expected)


def test_fused_features_stand_side_by_side_and_once_on_the_disk(fused: Path, arrays: list[np.ndarray]) -> None:
    opened = open_features(fused)
    assert (len(opened), opened.shape) == (CLIPS, (CLIPS, VIEWS, CROPS, FRAMES, 7))
    index = tuple(np.ogrid[:CLIPS, :VIEWS, :CROPS, :FRAMES])
    np.testing.assert_array_equal(opened[index], np.concatenate(arrays, axis=-1))
    assert isinstance(opened, JoinedArray)
    np.testing.assert_array_equal(opened.parts[1][index], arrays[1])
    assert fused.stat().st_size < 1000


def test_a_fused_store_moves_with_its_folder(fused: Path, tmp_path: Path) -> None:
    before = open_features(fused)[3, 1, 1, 2]
    moved = tmp_path.rename(tmp_path.with_name("moved"))
    np.testing.assert_array_equal(open_features(moved / fused.name)[3, 1, 1, 2], before)


def test_a_fused_store_changes_with_its_parts_and_refuses_others(fused: Path, arrays: list[np.ndarray]) -> None:
    before, parts = fused.read_bytes(), [fused.with_name(name) for name in ("a.npy", "b.npy")]
    write_fused(parts, fused)
    assert fused.read_bytes() == before
    changed = arrays[1].copy()
    changed[7, 2, 0, 3, 1] += 1
    save_array(changed, parts[1])
    with pytest.raises(InputError, match=r"joined of another .*b\.npy than the one that is there now"):
        open_features(fused)
    write_fused(parts, fused)
    assert fused.read_bytes() != before
    assert open_features(fused)[7, 2, 0, 3][-1] == changed[7, 2, 0, 3, 1]


def test_a_part_that_is_gone_and_a_file_that_names_none(fused: Path) -> None:
    fused.with_name("a.npy").unlink()
    with pytest.raises(InputError, match=r"in part those of .*a\.npy, which is not there"):
        open_features(fused)
    for text in ("", "{", "[]", "{}", '{"parts": [1]}'):
        fused.write_text(text)
        with pytest.raises(InputError, match=r"c\.json does not name the parts"):
            open_features(fused)


def test_stores_of_other_clips_are_not_fused(fused: Path, arrays: list[np.ndarray]) -> None:
    save_array(arrays[1][:-1], fused.with_name("b.npy"))
    with pytest.raises(ValueError, match="not shapes of features of the same frames"):
        write_fused([fused.with_name("a.npy"), fused.with_name("b.npy")], fused)


@pytest.mark.parametrize("name", ["a.npy", "c.json"])
def test_damage_is_told_when_the_clip_is_read(fused: Path, name: str) -> None:
    damaged, store = fused.with_name("a.npy"), fused.with_name(name)
    content = bytearray(damaged.read_bytes())
    content[128 + 7 * VIEWS * CROPS * FRAMES * 5 * 2] ^= 4  # clip 7 is the second of validation
    damaged.write_bytes(content)
    data = open_here(store)
    batches(data.training)
    with pytest.raises(InputError, match=r"a\.npy were damaged after they were written: row 7"):
        list(data.validation.ordered_batches(2))
