"""Zip and RAR archives, nested and hostile ones, a full disk, and no program that unpacks."""

import errno
import stat
import zipfile
from collections import namedtuple
from pathlib import Path

import pytest
import rarfile

from tests.files.archives import LINK, rar, write
from vibhar.errors import InputError
from vibhar.files.unpacking import check_tool, unpack

CLIPS = {"wave/a.avi": b"one" * 1000, "wave/b.avi": b"two"}


def zipped(path: Path, members: dict[str, bytes], mode: int = stat.S_IFREG) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (mode | 0o644) << 16
            archive.writestr(info, data)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_zip_and_a_rar(tmp_path: Path) -> None:
    unpack(zipped(tmp_path / "clips.zip", CLIPS), tmp_path / "from_zip")
    unpack(write(tmp_path / "clips.rar", rar(CLIPS)), tmp_path / "from_rar")
    assert contents(tmp_path / "from_zip") == contents(tmp_path / "from_rar") == CLIPS
    assert not list(tmp_path.glob(".partial*"))


def test_a_folder_of_the_same_name_is_not_doubled(tmp_path: Path) -> None:
    inside = {f"UCF-101/{name}": data for name, data in CLIPS.items()}
    unpack(write(tmp_path / "UCF101.rar", rar(inside)), tmp_path / "UCF-101")
    assert contents(tmp_path / "UCF-101") == CLIPS


def test_a_rar_of_rars_as_hmdb51(tmp_path: Path) -> None:
    inner = {f"{action}.rar": rar({f"{action}/{action}_0.avi": action.encode()}) for action in ("wave", "run")}
    unpack(write(tmp_path / "hmdb51_org.rar", rar(inner)), tmp_path / "hmdb51_org")
    assert contents(tmp_path / "hmdb51_org") == {"wave/wave_0.avi": b"wave", "run/run_0.avi": b"run"}


@pytest.mark.parametrize("evil", ["../evil", "a/../../evil", "/tmp/evil", "..\\evil", "C:/evil"])
def test_a_path_that_leaves_the_folder_is_refused_before_anything_is_written(evil: str, tmp_path: Path) -> None:
    for archive in (
        zipped(tmp_path / "a.zip", CLIPS | {evil: b""}),
        write(tmp_path / "a.rar", rar(CLIPS | {evil: b""})),
    ):
        before = set(tmp_path.rglob("*"))
        with pytest.raises(InputError, match="would leave the folder"):
            unpack(archive, tmp_path / "out")
        assert set(tmp_path.rglob("*")) == before
        assert not (tmp_path.parent / "evil").exists()


def test_a_rar_in_a_rar_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    archive = write(tmp_path / "a.rar", rar({"inner.rar": rar({"../../evil": b""})}))
    with pytest.raises(InputError, match=r"inner\.rar has the member '\.\./\.\./evil'"):
        unpack(archive, tmp_path / "out")
    assert list(tmp_path.iterdir()) == [archive]


def test_links_are_refused(tmp_path: Path) -> None:
    for archive in (
        zipped(tmp_path / "a.zip", {"link": b"/etc"}, stat.S_IFLNK),
        write(tmp_path / "a.rar", rar({"link": b"/etc"}, LINK)),
    ):
        with pytest.raises(InputError, match="'link', which is a link"):
            unpack(archive, tmp_path / "out")


def test_a_damaged_archive_leaves_nothing_behind(tmp_path: Path) -> None:
    good = {"a.zip": zipped(tmp_path / "a.zip", {"a": b"abc"}).read_bytes(), "a.rar": rar({"a": b"abc"})}
    for name, content in good.items():
        archive = write(tmp_path / name, content.replace(b"abc", b"xyz") if name == "a.rar" else content[:-30])
        with pytest.raises(InputError, match=f"{name} cannot be unpacked"):
            unpack(archive, tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == set(good)


def test_an_archive_without_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no files"):
        unpack(write(tmp_path / "a.rar", rar({})), tmp_path / "out")


def test_a_disk_that_is_too_small_is_known_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage(0, 0, 3002))
    with pytest.raises(InputError, match="The disk is full"):
        unpack(write(tmp_path / "a.rar", rar(CLIPS)), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["a.rar"]


def test_a_disk_that_gets_full_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", fail)
    with pytest.raises(InputError, match="The disk is full"):
        unpack(write(tmp_path / "a.rar", rar(CLIPS)), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["a.rar"]


def test_a_missing_program_is_named_with_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rarfile, "CURRENT_SETUP", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    check_tool(Path("lists.zip"))
    with pytest.raises(InputError, match=r"unpacks UCF101\.rar\. Install unar.*apt-get install unar"):
        check_tool(Path("UCF101.rar"))
