"""The cache of flow and features keeps to its limit, and to what is in use."""

import os
from pathlib import Path

import pytest

from vibhar.workflow.cache import cached_keys, entries, is_cached, trim

OLD, NEWER, NEWEST = ("0" * 16, "1" * 16, "2" * 16)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Flow of 300 bytes and features of 100, of three ages, and what is not of the cache."""
    features, flow = tmp_path / "ucf11/features/cnn", tmp_path / "ucf11/flow"
    flow_shard = flow / f"0-of-1-{OLD}"
    for folder in (features, flow_shard, tmp_path / "ucf11/decoded"):
        folder.mkdir(parents=True)
    (flow_shard / "clip.npy").write_bytes(bytes(300))
    for key in (NEWER, NEWEST):
        (features / f"0-of-1-{key}.npy").write_bytes(bytes(100))
    (features.with_suffix(".npy")).write_bytes(bytes(100))
    (features / f".partial-0-of-1-{OLD}.npy").write_bytes(bytes(100))
    (tmp_path / f"ucf11/decoded/0-of-1-{OLD}.parquet").write_bytes(bytes(100))
    for age, path in enumerate([flow_shard, *(features / f"0-of-1-{key}.npy" for key in (NEWER, NEWEST))]):
        os.utime(path, (age, age))
    return tmp_path


def keys(results: Path) -> list[str]:
    """What is there, the oldest first."""
    return [entry.key for entry in entries(results)]


def test_what_is_there_and_how_large_it_is(results: Path) -> None:
    assert [(entry.key, entry.bytes) for entry in entries(results)] == [(OLD, 300), (NEWER, 100), (NEWEST, 100)]
    assert cached_keys(results, "features") == [NEWER, NEWEST]


@pytest.mark.parametrize(("limit", "left"), [(500, [OLD, NEWER, NEWEST]), (499, [NEWER, NEWEST]), (199, [NEWEST])])
def test_the_oldest_go_until_the_limit_is_kept(results: Path, limit: int, left: list[str]) -> None:
    trim(results, limit)
    assert keys(results) == left


def test_what_is_used_stays(results: Path) -> None:
    assert [entry.key for entry in trim(results, 100, used={OLD})] == [NEWER, NEWEST]
    assert keys(results) == [OLD]


def test_all_goes_but_what_is_not_of_the_cache(results: Path) -> None:
    trim(results, -1)
    assert keys(results) == []
    left = sorted(path.name for path in results.rglob("*") if path.is_file())
    assert left == [f".partial-0-of-1-{OLD}.npy", f"0-of-1-{OLD}.parquet", "cnn.npy"]
    assert not is_cached(results / "ucf11/features/cnn.npy")
