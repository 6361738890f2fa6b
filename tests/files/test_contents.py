"""A change of content is noticed whatever size, name and time say; what is unchanged is read once."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from vibhar.files import contents
from vibhar.files.contents import hash_contents


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember the files that a test has just written."""
    monkeypatch.setattr(contents, "YOUNG", -1.0)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files of equal size and equal times, and a link to the first."""
    files = [tmp_path / "a", tmp_path / "b"]
    for file in files:
        file.write_text(f"content of {file.name}")
        os.utime(file, (1_000_000_000, 1_000_000_000))
    link = tmp_path / "link"
    link.symlink_to(files[0])
    return [*files, link]


def overwrite(files: list[Path]) -> None:
    files[0].write_text("content of c")


def overwrite_and_restore_the_time(files: list[Path]) -> None:
    overwrite(files)
    os.utime(files[0], (1_000_000_000, 1_000_000_000))


def swap(files: list[Path]) -> None:
    aside = files[0].with_name("aside")
    files[0].rename(aside)
    files[1].rename(files[0])
    aside.rename(files[1])


def copy_over_with_times(files: list[Path]) -> None:
    shutil.copy2(files[1], files[0])


def turn_the_link(files: list[Path]) -> None:
    files[2].unlink()
    files[2].symlink_to(files[1])


CHANGES: list[tuple[Callable[[list[Path]], None], set[int]]] = [
    (overwrite, {0, 2}),
    (overwrite_and_restore_the_time, {0, 2}),
    (swap, {0, 1, 2}),
    (copy_over_with_times, {0, 2}),
    (turn_the_link, {2}),
]


@pytest.mark.parametrize(("change", "changed"), CHANGES, ids=[change.__name__ for change, _ in CHANGES])
def test_a_change_is_noticed(files: list[Path], tmp_path: Path, change: Callable, changed: set[int]) -> None:
    memory = tmp_path / "memory/contents.json"
    before = hash_contents(files, memory)
    change(files)
    after = hash_contents(files, memory)
    assert {number for number, (old, new) in enumerate(zip(before, after, strict=True)) if old != new} == changed


def test_a_touch_and_a_copy_change_nothing(files: list[Path], tmp_path: Path) -> None:
    memory = tmp_path / "contents.json"
    before = hash_contents(files, memory)
    for file in files:
        file.touch()
    assert hash_contents(files, memory) == before
    shutil.copytree(tmp_path, tmp_path.with_name("copy"), symlinks=True)
    assert hash_contents([tmp_path.with_name("copy") / file.name for file in files], memory) == before


def test_an_unchanged_file_is_read_once(files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = tmp_path / "contents.json"
    before = hash_contents(files, memory)
    monkeypatch.setattr(contents, "hash_file", lambda file: pytest.fail(f"{file} is read again"))
    assert hash_contents(files, memory) == before


def test_a_file_that_has_just_changed_is_not_remembered(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "YOUNG", 3600.0)
    hash_contents(files, tmp_path / "contents.json")
    assert not (tmp_path / "contents.json").exists()


def test_what_is_not_there_and_a_memory_that_is_cut_off(tmp_path: Path) -> None:
    dangling = tmp_path / "dangling"
    dangling.symlink_to("nowhere")
    (tmp_path / "contents.json").write_text('{"a": [')
    folder = tmp_path / "folder"
    folder.mkdir()
    found = hash_contents([tmp_path / "gone", dangling, folder], tmp_path / "contents.json")
    assert found == ["missing", "missing", "unreadable"]
