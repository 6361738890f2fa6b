"""Every file below a dataset's root is a clip or is left out with its reason: links, odd names, what is no video."""

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.datasets.test_datasets import plant
from tests.videos.clips import write_clip
from vibhar.datasets import list_dataset
from vibhar.datasets.surveying import find_unused, survey
from vibhar.datasets.walking import walk
from vibhar.errors import InputError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two classes of six clips."""
    return plant(tmp_path / "mine", (f"{action}/{n}.avi" for action in ("run", "wave") for n in range(6)))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of ten frames in MPEG-TS, which cameras write to .MTS."""
    return write_clip(tmp_path_factory.mktemp("clip") / "clip", container="mpegts", codec="mpeg2video", frames=10)


def unused_in(root: Path, kind: str = "folders") -> dict[str, str]:
    return {path: why for path, why in find_unused(kind, root, []).items() if path != ".empty"}


@pytest.mark.parametrize(
    "suffix", ["MTS", "m2ts", "ts", "TS", "3gp", "WebM", "wmv", "flv", "m4v", "M4V", "vob", "asf", "y4m", "mxf", "rmvb"]
)
def test_a_video_is_known_by_its_suffix(root: Path, suffix: str) -> None:
    plant(root, (f"jump/{n}.{suffix}" for n in range(6)))
    clips = list_dataset("folders", root).clips
    assert (clips["label"].value_counts().to_dict(), unused_in(root)) == ({"run": 6, "wave": 6, "jump": 6}, {})


@pytest.mark.parametrize("name", ["clip", "clip.dat", "clip.001", "clip.v2", "clip.MOD", "clip.jpg", "clip.txt"])
def test_a_video_is_known_by_what_it_holds(root: Path, clip: Path, name: str) -> None:
    shutil.copy(clip, root / "run" / name)
    assert f"run/{name}" in set(list_dataset("folders", root).clips["path"])
    assert not unused_in(root)


def test_an_animated_picture_is_a_video_and_a_still_one_is_none(root: Path) -> None:
    write_clip(root / "run/moving.gif", container="gif", codec="gif", pixels="rgb8", frames=5)
    write_clip(root / "run/still.gif", container="gif", codec="gif", pixels="rgb8", frames=1)
    assert "run/moving.gif" in set(survey("folders", root).clips["path"])
    assert unused_in(root) == {"run/still.gif": "not a video"}


def test_what_is_no_video_is_counted_with_what_it_is(root: Path) -> None:
    files = {
        "run/notes.txt": b"on the run\n",
        "run/list.m3u8": b"#EXTM3U\nhttp://example.org/a.ts\n",
        "run/labels.csv": "Läufe,1\n".encode(),
        "run/labels.json": b"{}",
        "run/utf16.txt": "a\n".encode("utf-16"),
        "run/nothing": b"",
        "run/Thumbs.db": b"\xd0\xcf\x11\xe0" + bytes(600),
        "run/noise": bytes(range(256)) * 8,
        "run/.DS_Store": b"\0\0\0\1Bud1",
        "run/._0.avi": b"\0\5\x16\7",
        ".cache/run/0.avi": b"RIFF",
        "__MACOSX/run/._0.avi": b"\0\5\x16\7",
        "stray.avi": b"",
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    with zipfile.ZipFile(root / "run/more.zip", "w") as archive:
        archive.writestr("a", "b")
    for suffix in ("jpg", "png", "bmp", "tif", "webp"):
        assert cv2.imwrite(str(root / f"run/picture.{suffix}"), np.zeros((16, 16, 3), np.uint8))
    assert len(list_dataset("folders", root).clips) == 12
    expected = dict.fromkeys(("run/notes.txt", "run/list.m3u8", "run/labels.csv", "run/labels.json"), "text")
    expected |= {
        "run/utf16.txt": "text",
        "run/nothing": "empty",
        "run/Thumbs.db": "document",
        "run/more.zip": "archive",
    }
    expected |= {"run/noise": "not a video", "stray.avi": "outside of a class folder"}
    hidden = ("run/.DS_Store", "run/._0.avi", ".cache/run/0.avi", "__MACOSX/run/._0.avi")
    expected |= dict.fromkeys(hidden, "hidden")
    expected |= {f"run/picture.{suffix}": "image" for suffix in ("jpg", "png", "bmp", "tif")}
    assert unused_in(root) == expected | {"run/picture.webp": "not a video"}


@pytest.mark.parametrize("target", ["..", "../..", "../../..", ".", "../run", "../wave", "deep"])
def test_a_link_to_a_folder_that_is_read_already_adds_no_clip(root: Path, target: str) -> None:
    plant(root.parent, ["elsewhere/other/1.avi"])
    plant(root, ["run/deep/7.avi"])
    (root / "run/again").symlink_to(target)
    clips = list_dataset("folders", root).clips
    assert sorted(clips["path"]) == sorted(
        ["run/deep/7.avi", *(f"{action}/{n}.avi" for action in ("run", "wave") for n in range(6))]
    )
    assert unused_in(root) == {"run/again": "link to a folder that is read already"}


def test_links_in_a_circle_end(root: Path, tmp_path: Path) -> None:
    plant(tmp_path / "out", ["a/7.avi", "b/8.avi"])
    (tmp_path / "out/a/b").symlink_to(tmp_path / "out/b")
    (tmp_path / "out/b/a").symlink_to(tmp_path / "out/a")
    (tmp_path / "out/b/up").symlink_to(tmp_path / "out")
    (root / "run/out").symlink_to(tmp_path / "out/a")
    paths = set(list_dataset("folders", root).clips["path"])
    assert {path for path in paths if "out" in path} == {"run/out/7.avi", "run/out/b/8.avi"}
    assert set(unused_in(root)) == {"run/out/b/a", "run/out/b/up"}


def test_links_to_files_and_folders_elsewhere_are_followed(root: Path, tmp_path: Path) -> None:
    plant(tmp_path / "out", ["more/7.avi", "8.avi"])
    (root / "jump").symlink_to(tmp_path / "out/more")
    (root / "run/8.avi").symlink_to(tmp_path / "out/8.avi")
    paths = set(survey("folders", root).clips["path"])
    assert {"jump/7.avi", "run/8.avi"} < paths
    linked = tmp_path / "linked"
    linked.symlink_to(root)
    assert set(survey("folders", linked).clips["path"]) == paths


def test_a_second_link_of_a_class_to_one_file_is_left_out(root: Path, tmp_path: Path) -> None:
    plant(tmp_path / "out", ["7.avi"])
    for name in ("run/a.avi", "run/b.avi", "wave/a.avi"):
        (root / name).symlink_to(tmp_path / "out/7.avi")
    (root / "run/c.avi").symlink_to("0.avi")
    paths = set(survey("folders", root).clips["path"])
    assert {"run/0.avi", "run/a.avi", "wave/a.avi"} < paths
    assert unused_in(root) == dict.fromkeys(
        ("run/b.avi", "run/c.avi"), "link to a file of the same class that is read already"
    )


@pytest.mark.parametrize("target", ["gone.avi", "odd.avi", "/nowhere/at/all.avi", "0.avi/inside"])
def test_a_dangling_link_is_counted(root: Path, target: str) -> None:
    (root / "run/odd.avi").symlink_to(target)
    assert len(list_dataset("folders", root).clips) == 12
    assert unused_in(root) == {"run/odd.avi": "link to nothing"}


def test_a_dangling_link_of_ucf101_is_a_missing_clip_too(tmp_path: Path) -> None:
    plant(tmp_path, (f"A/v_A_g{group:02d}_c01.avi" for group in (1, 8, 15, 22, 23)))
    (tmp_path / "A/v_A_g02_c01.avi").symlink_to("gone")
    listing = list_dataset("ucf101", tmp_path)
    assert len(listing.clips) == 5
    assert unused_in(tmp_path, "ucf101") == {"A/v_A_g02_c01.avi": "link to nothing"}


def test_a_name_that_is_not_utf_8_is_left_out_and_printable(root: Path) -> None:
    for place in (b"run/caf\xe9.avi", b"sal\xe9/0.avi"):
        path = root / os.fsdecode(place)
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert len(list_dataset("folders", root).clips) == 12
    assert unused_in(root) == dict.fromkeys((r"run/caf\xe9.avi", r"sal\xe9/0.avi"), "name that is not UTF-8")


def test_what_is_no_file_is_left_out(root: Path) -> None:
    os.mkfifo(root / "run/pipe.avi")
    (root / "run/device.avi").symlink_to("/dev/null")
    assert len(list_dataset("folders", root).clips) == 12
    assert unused_in(root) == dict.fromkeys(("run/pipe.avi", "run/device.avi"), "not a regular file")


def closed(folder: Path) -> Callable:
    """os.scandir for a user who may not read `folder`; root, as whom tests may run, reads all."""
    scandir = os.scandir

    @contextmanager
    def scan(path: str) -> Iterator[object]:
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied")
        with scandir(path) as entries:
            yield entries

    return scan


def test_a_folder_that_may_not_be_read_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(root, ["jump/0.avi"])
    monkeypatch.setattr("os.scandir", closed(root / "jump"))
    assert len(list_dataset("folders", root).clips) == 12
    assert unused_in(root) == {"jump": "folder that may not be read"}
    monkeypatch.setattr("os.scandir", closed(root))
    with pytest.raises(InputError, match="mine cannot be read"):
        walk(root)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("ucf11", "swing/v_swing_{0:02d}/v_swing_{0:02d}_01"),
        ("ucf101", "Swing/v_Swing_g{0:02d}_c01"),
        ("hmdb51", "swing/film{0}_swing_f_cm_np1_ba_med_1"),
    ],
)
@pytest.mark.parametrize("suffix", [".AVI", ".MPG", ".mp4", ".MTS"])
def test_the_layouts_take_videos_of_any_suffix(kind: str, name: str, suffix: str, tmp_path: Path) -> None:
    names = [name.format(group) for group in (1, 2, 8, 9, 15, 16, 22)]
    plant(tmp_path, (f"{clip}{suffix}" for clip in names))
    plant(tmp_path, [f"{names[0]}.zzz.avi", f"{names[0].partition('/')[0]}/more/odd.avi"])
    assert set(survey(kind, tmp_path).clips["clip"]) >= set(names)
    assert any(why.startswith("video that is not named <") for why in unused_in(tmp_path, kind).values())


def test_a_clip_in_two_containers_counts_once(tmp_path: Path) -> None:
    plant(tmp_path, [*(f"A/v_A_g{group:02d}_c01.avi" for group in (1, 8, 15, 22, 23)), "A/v_A_g01_c01.AVI"])
    assert len(list_dataset("ucf101", tmp_path).clips) == 5
    assert unused_in(tmp_path, "ucf101") == {"A/v_A_g01_c01.avi": "the same clip in another container"}


def test_what_comes_with_a_dataset_has_a_reason_of_its_own(tmp_path: Path) -> None:
    plant(tmp_path, ["swing/v_swing_01/v_swing_01_01.mpg", "swing/Annotation/v_swing_01_01.xgtf"])
    assert unused_in(tmp_path, "ucf11") == {
        "swing/Annotation/v_swing_01_01.xgtf": "lists and annotation of the dataset"
    }


def test_files_beside_the_arrays_are_counted(tmp_path: Path) -> None:
    plant(tmp_path, ["walk/1.npy", "walk/1.NPZ", "walk/1.txt", "walk/1.pt", "clips.csv"])
    (tmp_path / "walk/2.npy").symlink_to("gone.npy")
    reason = "not an array (.npy, .npz, .mat, .safetensors)"
    unused = find_unused("features", tmp_path, [tmp_path / "clips.csv"])
    assert unused == {
        ".empty": "hidden",
        "walk/1.pt": reason,
        "walk/1.txt": reason,
        "walk/2.npy": "link to nothing",
    }
