"""Arrays, lists, weights and videos that change without changing their size are noticed, by a run and by verify."""

import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.workflow.conftest import Workflow, merge
from tests.workflow.test_features_kind import arrays

__all__ = ["arrays"]

INDEX = "results/mine/clips.json"


@pytest.fixture
def indexed(arrays: Workflow) -> Workflow:
    """A dataset of arrays, with its index and its store."""
    done = arrays.call("--", INDEX, "results/mine/features/i3d.npy")
    assert done.returncode == 0, done.stderr
    assert arrays.stale(INDEX, "results/mine/features/i3d.npy") == {}
    return arrays


def overwrite_with_noise(folder: Path) -> None:
    """Overwrite all arrays with noise of the same shape and the same times."""
    for path in (folder / "arrays").iterdir():
        status = path.stat()
        shape = np.load(path).shape
        np.save(path, np.random.default_rng(1).normal(size=shape).astype(np.float32))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_arrays_overwritten_with_noise_are_read_again(indexed: Workflow) -> None:
    overwrite_with_noise(indexed.folder)
    stale = indexed.stale(INDEX, "results/mine/features/i3d.npy")
    assert stale["index_arrays"] == stale["store_arrays"] == 1


def test_verify_names_what_was_made_of_other_arrays(arrays: Workflow) -> None:
    done = arrays.call("table2")
    assert done.returncode == 0, done.stderr
    overwrite_with_noise(arrays.folder)
    told = arrays.call("verify")
    assert told.returncode != 0
    assert "results/mine/features/i3d.npy" in told.stdout + told.stderr


def test_labels_swapped_in_the_list_are_noticed(indexed: Workflow) -> None:
    file = indexed.folder / "clips.csv"
    status, table = file.stat(), pd.read_csv(file)
    table["label"] = table["label"].replace({"class0": "class1", "class1": "class0"})
    table.to_csv(file, index=False)
    assert file.stat().st_size == status.st_size
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert indexed.stale(INDEX)["index_arrays"] == 1


def test_a_touch_and_a_copy_of_the_folder_rerun_nothing(indexed: Workflow, tmp_path: Path) -> None:
    for path in [*(indexed.folder / "arrays").iterdir(), indexed.folder / "clips.csv"]:
        path.touch()
    assert indexed.stale(INDEX, "results/mine/features/i3d.npy") == {}
    arrays = indexed.folder / "arrays"
    shutil.copytree(arrays, tmp_path / "elsewhere")
    shutil.rmtree(arrays)
    arrays.symlink_to(tmp_path / "elsewhere")
    assert indexed.stale(INDEX, "results/mine/features/i3d.npy") == {}


def test_two_classes_of_videos_that_were_swapped_are_noticed(finished: Workflow, workflow: Workflow) -> None:
    shutil.copytree(finished.folder / "results/rendered/tiny", workflow.folder / "videos")
    workflow.configure(merge(workflow.config, {"datasets": {"tiny": {"kind": "ucf11"}}}))
    config = workflow.config
    config["datasets"]["tiny"] = {"kind": "ucf11", "root": "videos", "splits": ["group1"]}
    workflow.configure(config)
    videos = sorted((workflow.folder / "videos").rglob("*.mpg"))
    for video in videos:  # of one size, as clips of a fixed bit rate are
        video.write_bytes(video.read_bytes().ljust(max(other.stat().st_size for other in videos), b"\0"))
        os.utime(video, (1_000_000_000, 1_000_000_000))
    done = workflow.call("--", "results/tiny/clips.json")
    assert done.returncode == 0, done.stderr
    first, last = videos[0], videos[-1]
    first.rename(first.with_suffix(".aside"))
    last.rename(first)
    first.with_suffix(".aside").rename(last)
    assert workflow.stale("results/tiny/clips.json")["sample_frames"] == 1


@pytest.mark.parametrize("layout", ["hmdb51", "ucf101"])
def test_lists_that_are_rendered_are_no_change(workflow: Workflow, layout: str) -> None:
    config = workflow.config
    render = config["datasets"]["tiny"]["render"] | {"layout": layout, "groups": 6}
    config["datasets"]["tiny"] = {"kind": layout, "render": render, "splits": ["split1"]}
    workflow.configure(config)
    done = workflow.call("--", "results/tiny/clips.json")
    assert done.returncode == 0, done.stderr
    assert workflow.stale("results/tiny/clips.json") == {}


def test_another_file_of_weights_of_the_same_size_is_noticed(workflow: Workflow, finished: Workflow) -> None:
    weights = workflow.folder / "mine.safetensors"
    shutil.copy(finished.folder / "results/cnns/small_cnn/trunk.safetensors", weights)
    workflow.configure(
        merge(workflow.config, {"cnns": {"small_cnn": {"weights": "mine.safetensors", "label": "mine"}}})
    )
    target = "results/cnns/small_cnn/trunk.json"
    assert workflow.call("--", target).returncode == 0
    weights.touch()
    assert workflow.stale(target) == {}
    status = weights.stat()
    shutil.copy(finished.folder / "results/cnns/small_cnn_random/trunk.safetensors", weights)
    assert weights.stat().st_size == status.st_size
    os.utime(weights, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert workflow.stale(target)["prepare_weights"] == 1
