"""From videos to the summary of their index: equal clips, files that are not used, messages of many clips."""

import json
import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pandas as pd
import pytest

from tests.videos.clips import write_clip
from vibhar.errors import InputError, few
from vibhar.stages.data.frames import sample_frames
from vibhar.stages.data.index import index_clips
from vibhar.stages.data.index_arrays import index_arrays
from vibhar.stages.data.listing import list_clips
from vibhar.stages.data.summary import check_unreadable, summarise_clips

SAMPLING: dict[str, Any] = {"strategy": "segment", "frames": 4, "views": 2, "seed": 0}
INDEX: dict[str, Any] = {
    "kind": "folders",
    "classes": None,
    "splits_root": None,
    "split_file": None,
    "folds": 2,
    "validation": 0.3,
    "group_pattern": None,
    "content": "",
}


def picture_of(number: int) -> np.ndarray:
    """A smooth random picture, so that an encoder that loses some of it leaves it alike."""
    coarse = np.random.default_rng(number).integers(0, 256, (6, 8), np.uint8)
    return np.repeat(np.kron(coarse, np.ones((16, 16), np.uint8))[..., None], 3, axis=2)


def write(path: Path, number: int, size: tuple[int, int] = (128, 96), rate: int = 400_000) -> Path:
    """A clip of ten frames that differ from those of another number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="avi") as file:
        stream = file.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = *size, "yuv420p", rate
        for frame in range(10):
            image = av.VideoFrame.from_ndarray(np.roll(picture_of(number), 4 * frame, axis=1), format="rgb24")
            file.mux(stream.encode(image.reformat(*size, format="yuv420p")))
        file.mux(stream.encode())
    return path


def remux(source: Path, target: Path) -> None:
    """The same packets in another container."""
    with av.open(str(source)) as given, av.open(str(target), "w", format="matroska") as made:
        stream = made.add_stream_from_template(given.streams.video[0])
        for number, packet in enumerate(given.demux(video=0)):
            if packet.size:
                packet.stream, packet.pts, packet.dts = stream, number, number
                made.mux(packet)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two classes of six clips in train, val and test, all of other content."""
    places = [f"{part}/{label}" for part in ("train", "val", "test") for label in ("run", "wave")]
    for number, place in enumerate(places * 2):
        write(tmp_path / f"mine/{place}/{number}.avi", number)
    return tmp_path / "mine"


def index(root: Path, drop: dict[str, Any] | None = None, near: float | None = None) -> tuple[pd.DataFrame, dict]:
    """The index and its summary, as the stages write them."""
    names = ("listing.parquet", "frames", "clips.parquet", "found.json", "clips.json")
    listing, frames, clips, found, summary = (root.parent / name for name in names)
    list_clips(root=root, listing=listing, settings={"kind": "folders", "classes": None})
    shutil.rmtree(frames, ignore_errors=True)
    settings = {"sampling": SAMPLING, "seconds_per_clip": 60}
    sample_frames(listing=listing, root=root, frames=frames, shard=0, shards=1, threads=1, settings=settings)
    decoded = [frames / "decoded.parquet"]
    index_clips(decoded=decoded, root=root, clips=clips, found=found, settings=INDEX | {"drop": drop})
    told = {"max_unreadable": 0.1, "splits": ["split1"], "kind": "folders", "tables": [], "near_duplicates": near}
    summarise_clips(clips=clips, found=found, root=root, summary=summary, settings=told)
    return pd.read_parquet(clips), json.loads(summary.read_text())


def test_equal_clips_are_found_in_any_container_and_told(root: Path) -> None:
    shutil.copy(root / "test/run/4.avi", root / "train/run/copy.avi")
    remux(root / "test/wave/5.avi", root / "val/wave/rewritten.mkv")
    clips, summary = index(root)
    assert summary["duplicates"]["equal"] == [
        ["test/run/4.avi", "train/run/copy.avi"],
        ["test/wave/5.avi", "val/wave/rewritten.mkv"],
    ]
    assert summary["note"] == (
        "14 clips, 4 clips of equal content in 2 sets, in split1 1 training clips seen in test,"
        " in split1 1 validation clips seen in test"
    )
    assert (clips["split1"] == "unused").sum() == 0


def test_equal_clips_leave_training_where_that_is_asked_for(root: Path) -> None:
    shutil.copy(root / "test/run/4.avi", root / "train/run/copy.avi")
    clips, summary = index(root, drop={"splits": ["split1"], "near_duplicates": None})
    parts = clips.set_index("clip")["split1"]
    assert (parts["train/run/copy.avi"], parts["test/run/4.avi"]) == ("unused", "test")
    assert "in split1 1 clips dropped that validation or test shows" in summary["note"]


def test_a_copy_that_is_encoded_again_and_smaller_is_near(root: Path) -> None:
    write(root / "train/run/again.avi", 4, size=(176, 144), rate=150_000)
    _, summary = index(root)
    assert (summary["note"], summary["duplicates"]["near"]) == ("", [])
    _, summary = index(root, near=6)
    assert summary["duplicates"]["near"] == [["test/run/4.avi", "train/run/again.avi"]]
    assert "1 pairs of clips that look alike, in split1 1 training clips seen in test" in summary["note"]


def test_files_that_are_not_used_stand_in_the_summary_and_its_note(root: Path) -> None:
    for name in ("train/run/notes.txt", "train/run/.DS_Store", "stray.avi"):
        (root / name).write_text("text")
    (root / "train/run/gone.avi").symlink_to("nowhere.avi")
    shutil.copy(root / "train/run/0.avi", root / "train/run/caf\udce9.avi")
    write_clip(root / "train/run/00001.MTS", container="mpegts", codec="mpeg2video", frames=10)
    write_clip(root / "train/run/plain", container="webm", codec="libvpx", frames=10)
    clips, summary = index(root)
    assert {"train/run/00001.MTS", "train/run/plain"} < set(clips["clip"])
    assert (clips["status"] == "ok").all()
    assert summary["unused"]["link to nothing"] == {"files": 1, "first": ["train/run/gone.avi"]}
    assert summary["unused"]["name that is not UTF-8"]["first"] == [r"train/run/caf\xe9.avi"]
    assert "14 clips, 5 files not used (1 hidden, 1 link to nothing, 1 name that is not UTF-8" in summary["note"]


@pytest.mark.parametrize("name", ["$x$ & 50%_{a}^b\\c~#", "跑步 ركض 🏃", " two\nlines\t", "x" * 200, "'quoted\""])
def test_classes_of_any_name_are_indexed(root: Path, name: str) -> None:
    for part in ("train", "val", "test"):
        (root / part / "run").rename(root / part / name)
    clips, summary = index(root)
    assert (set(clips["label"]), set(clips["status"])) == ({name, "wave"}, {"ok"})
    assert summary["note"] == ""


def test_arrays_of_equal_values_are_found(tmp_path: Path) -> None:
    (tmp_path / "arrays").mkdir()
    rows = []
    for number in range(12):
        array = np.random.default_rng(10 if number == 11 else number).normal(size=(5, 3)).astype(np.float32)
        np.save(tmp_path / f"arrays/{number}.npy", array.astype(np.float64) if number == 11 else array)
        part = {10: "train", 11: "test"}.get(number, "test" if number < 4 else "train")
        rows.append((str(number), "ab"[number % 2], f"g{number}", part))
    rows[10] = ("10", "b", "g10", "train")
    table = tmp_path / "clips.csv"
    pd.DataFrame(rows, columns=["clip", "label", "group", "split1"]).to_csv(table, index=False)
    clips, found, summary = (tmp_path / name for name in ("clips.parquet", "found.json", "clips.json"))
    arguments: dict[str, Any] = {"splits": ["split1"], "classes": None, "validation": 0.3, "content": ""}
    told = {"max_unreadable": 0, "splits": ["split1"], "kind": "features", "tables": [str(table)], "near_duplicates": 6}
    for drop, part in ((None, "train"), ({"splits": ["split1"], "near_duplicates": 6}, "unused")):
        settings = arguments | {"drop": drop}
        index_arrays(table=table, root=tmp_path / "arrays", clips=clips, found=found, settings=settings)
        summarise_clips(clips=clips, found=found, root=tmp_path / "arrays", summary=summary, settings=told)
        assert json.loads(summary.read_text())["duplicates"]["equal"] == [["10", "11"]]
        found_part = pd.read_parquet(clips).set_index("clip")["split1"]["10"]
        assert (found_part == "unused") == (part == "unused")


def test_messages_name_a_few_of_many_clips() -> None:
    index = pd.DataFrame({"path": [f"{row}.npy" for row in range(13320)]}).assign(reason="an array of shape [9, 10, 8]")
    with pytest.raises(InputError, match=r"13320 of 13320 clips .* and 13315 others. Repair") as raised:
        check_unreadable(index, len(index), 0.01, Path("arrays"))
    assert len(str(raised.value)) < 600
    assert few("ab") == "a, b"
    assert few("abcdef", most=5) == "a, b, c, d, e and 1 other"
