"""Decoding in child processes: what one clip does to its process must not touch the others."""

import pickle
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.files.misbehaviour import blunder, crash, hang, leave, tell_torch
from tests.videos.clips import numbers, write_clip
from vibhar.videos.decoding import SampledFrames
from vibhar.videos.pool import DecodeTask, decode_clip, decode_clips, load_frames, save_frames
from vibhar.videos.sampling import sample_indices

centres = partial(sample_indices, "uniform", 4, views=2, seed=0)


def plan(folder: Path, name: str, choose=centres) -> DecodeTask:
    return DecodeTask(name, folder / f"{name}.avi", folder / f"{name}.safetensors", choose)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("first", "hangs", "crashes", "leaves", "last"):
        write_clip(tmp_path / f"{name}.avi")
    (tmp_path / "text.avi").write_text("no video at all\n" * 100)
    return tmp_path


def test_one_bad_clip_costs_no_other(folder):
    ways = {"first": centres, "hangs": hang, "crashes": crash, "leaves": leave, "text": centres, "missing": centres}
    tasks = [plan(folder, name, choose) for name, choose in (ways | {"last": centres}).items()]
    records = pd.DataFrame(decode_clips(tasks, workers=2, seconds=3)).set_index("clip")
    assert list(records.index) == [task.clip for task in tasks]
    assert records["reason"].to_dict() == {
        "first": "",
        "hangs": "not decoded within 3 s",
        "crashes": "the decoder crashed (SIGSEGV)",
        "leaves": "the decoder crashed (exit status 3)",
        "text": "Invalid data found when processing input",
        "missing": "No such file or directory",
        "last": "",
    }
    good = records.index[records["status"] == "ok"]
    assert {path.stem for path in folder.glob("*.safetensors*")} == set(good) == {"first", "last"}
    assert set(records["status"]) == {"ok", "unreadable"}
    assert records.loc["hangs", "bytes"] == (folder / "hangs.avi").stat().st_size
    assert records.loc["missing", "bytes"] == 0


def test_the_record_and_the_frames_of_a_good_clip(folder):
    (record,) = decode_clips([plan(folder, "first")], workers=1, seconds=30)
    size = (folder / "first.avi").stat().st_size
    assert record[:-2] == ("first", "ok", "", 40, 25.0, 128, 96, size, "avi", "decord")
    assert (len(record.content), len(record.signature) % 16) == (32, 0)
    sampled = load_frames(folder / "first.safetensors")
    indices = sample_indices("uniform", 4, 40, views=2, seed=0)
    assert numbers(sampled.pixels) == np.unique(indices).tolist()
    assert [numbers(row) for row in sampled.pixels[sampled.order]] == indices.tolist()


def test_the_children_are_free_of_torch(folder):
    list(decode_clips([plan(folder, "first", tell_torch)], workers=1, seconds=30))
    assert numbers(load_frames(folder / "first.safetensors").pixels) == [0]


def test_no_clips_no_records():
    assert list(decode_clips([], workers=1, seconds=1)) == []


def test_a_mistake_of_the_caller_is_no_unreadable_clip(folder):
    with pytest.raises(ZeroDivisionError):
        list(decode_clips([plan(folder, "first", blunder)], workers=1, seconds=30))


def test_stopping_early_waits_for_no_clip(folder):
    records = decode_clips([plan(folder, "first"), plan(folder, "hangs", hang)], workers=1, seconds=600)
    assert next(records).status == "ok"
    started = time.monotonic()
    records.close()
    assert time.monotonic() - started < 20


def test_a_task_can_travel(folder):
    task = plan(folder, "first")
    assert pickle.loads(pickle.dumps(task)).choose(40).tolist() == task.choose(40).tolist()


def test_a_failed_save_leaves_no_file_under_the_final_name(tmp_path, monkeypatch):
    def half(tensors, file):
        Path(file).write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr("vibhar.videos.pool.save_file", half)
    with pytest.raises(OSError, match="No space"):
        decode_clip(plan(write_clip(tmp_path / "clip.avi").parent, "clip"))
    assert not (tmp_path / "clip.safetensors").exists()


@pytest.mark.parametrize("name", ["a b", "new\nline", "ünïcödé 動画", "%03d"])
def test_saved_frames_come_back(tmp_path, name):
    frames = SampledFrames(np.arange(2 * 3 * 5 * 3, dtype=np.uint8).reshape(2, 3, 5, 3), np.array([[0, 1, 1]]))
    save_frames(frames, tmp_path / name)
    again = load_frames(tmp_path / name)
    np.testing.assert_array_equal(again.pixels, frames.pixels)
    np.testing.assert_array_equal(again.order, frames.order)
    assert list(tmp_path.iterdir()) == [tmp_path / name]
