"""The stages that make stores: the order of the clips, and a memory that does not grow with their number."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vibhar.errors import InputError
from vibhar.features.fused import open_features
from vibhar.files.arrays import save_array
from vibhar.files.checked_arrays import open_array
from vibhar.stages.features.store import build_store

SHAPE = (2, 2, 8, 1024)  # of a clip: 64 KiB
# The peak memory in KiB of a process that makes the stores of two CNNs and fuses them.
MEASURED = """
import resource, sys
from pathlib import Path
from vibhar.stages.features.fuse import fuse_features
from vibhar.stages.features.store import build_store
folder = Path(sys.argv[1])
for name in "ab":
    build_store(
        shards=sorted(folder.glob("shard*.npy")), decoded=sorted(folder.glob("shard*.parquet")),
        clips=folder / "clips.parquet", store=folder / f"{name}.npy",
    )
fuse_features(stores=[folder / "a.npy", folder / "b.npy"], store=folder / "c.json")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def write_shards(folder: Path, clips: int, shape: tuple[int, ...]) -> None:
    """Two shards, of the clips of odd and of even numbers; the features of a clip are its number, modulo 1000."""
    names = [f"clip{number:04}" for number in range(clips)]
    pd.DataFrame({"clip": names, "status": "ok"}).to_parquet(folder / "clips.parquet")
    for shard in range(2):
        numbers = np.arange(clips)[shard::2] % 1000
        features = np.broadcast_to(numbers.astype(np.float16)[:, None, None, None, None], (len(numbers), *shape))
        save_array(features, folder / f"shard{shard}.npy")
        pd.DataFrame({"clip": names[shard::2], "status": "ok"}).to_parquet(folder / f"shard{shard}.parquet")


def build(folder: Path) -> Path:
    """Make the store of the two shards."""
    shards = [folder / f"shard{number}" for number in range(2)]
    build_store(
        shards=[shard.with_suffix(".npy") for shard in shards],
        decoded=[shard.with_suffix(".parquet") for shard in shards],
        clips=folder / "clips.parquet",
        store=folder / "store.npy",
    )
    return folder / "store.npy"


def test_clips_stand_in_the_order_of_the_index(tmp_path: Path) -> None:
    write_shards(tmp_path, 7, (2, 1, 3, 4))
    store = open_array(build(tmp_path))
    assert store.shape == (7, 2, 1, 3, 4)
    assert [np.unique(row).tolist() for row in store.rows()] == [[number] for number in range(7)]


def test_a_shard_without_readable_clips_is_passed_over(tmp_path: Path) -> None:
    write_shards(tmp_path, 1, (2, 1, 3, 4))
    save_array(np.empty((0, 0, 0, 0, 0), np.float16), tmp_path / "shard1.npy")
    assert open_array(build(tmp_path)).shape == (1, 2, 1, 3, 4)


def test_a_damaged_shard_makes_no_store(tmp_path: Path) -> None:
    write_shards(tmp_path, 7, (2, 1, 3, 4))
    shard = tmp_path / "shard1.npy"
    content = bytearray(shard.read_bytes())
    content[200] ^= 1
    shard.write_bytes(content)
    with pytest.raises(InputError, match=r"shard1\.npy were damaged"):
        build(tmp_path)
    assert not (tmp_path / "store.npy").exists()


def test_the_memory_is_the_same_for_100_and_1000_clips(tmp_path: Path) -> None:
    peaks = []
    for clips in (100, 1000):
        folder = tmp_path / str(clips)
        folder.mkdir()
        write_shards(folder, clips, SHAPE)
        done = subprocess.run([sys.executable, "-c", MEASURED, str(folder)], stdout=subprocess.PIPE, check=True)
        peaks.append(int(done.stdout))
        assert open_features(folder / "c.json").shape == (clips, *SHAPE[:-1], 2 * SHAPE[-1])
    store = 1000 * np.prod(SHAPE) * 2 / 1024
    assert peaks[1] - peaks[0] < store / 4
