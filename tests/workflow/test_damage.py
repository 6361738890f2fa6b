"""A run over the user's own videos, some of them damaged; and a run that is killed."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.workflow.conftest import Workflow, merge


@pytest.fixture
def own_videos(finished: Workflow, workflow: Workflow) -> Workflow:
    """The small config, over a folder of videos that no rule makes."""
    shutil.copytree(finished.folder / "results/rendered/tiny", workflow.folder / "videos")
    config = workflow.config
    config["datasets"] |= {"tiny": {"kind": "ucf11", "root": "videos", "splits": ["group1"]}}
    workflow.configure(config)
    return workflow


def damage(folder: Path) -> Path:
    """Put a text in the place of one clip."""
    clip = min((folder / "videos").rglob("*.mpg"))
    clip.write_text("404: the video that you asked for has moved")
    return clip


def test_too_many_damaged_clips_stop_the_run_with_their_list(own_videos: Workflow) -> None:
    clip = damage(own_videos.folder)
    done = own_videos.call("all")
    assert done.returncode != 0
    message = " ".join((done.stdout + done.stderr).split())
    assert "cannot be read, more than the 1.0% that `data.max_unreadable` allows" in message
    assert clip.name in message
    assert "Traceback" not in message


def test_a_few_damaged_clips_are_counted_in_the_table(own_videos: Workflow) -> None:
    clip = damage(own_videos.folder)
    own_videos.configure(merge(own_videos.config, {"data": {"max_unreadable": 0.1}, "vib": {"betas": [1.0e-4]}}))
    done = own_videos.call("table2")
    assert done.returncode == 0, done.stdout + done.stderr
    index = pd.read_parquet(own_videos.folder / "results/tiny/clips.parquet").query("status == 'unreadable'")
    assert [Path(path).name for path in index["path"]] == [clip.name]
    table = pd.read_csv(own_videos.folder / "results/default/tables/table2.csv")
    assert table["note"].str.contains("1 unreadable").all()


def test_a_killed_run_goes_on_where_it_stood(own_videos: Workflow) -> None:
    features = own_videos.folder / "results/tiny/features/small_cnn.npy"
    kill_when(own_videos, (own_videos.folder / "results/tiny/models/small_cnn").exists)  # the next stage has begun
    before = features.stat().st_mtime_ns
    done = own_videos.call("figure5")
    assert done.returncode == 0, done.stdout + done.stderr
    assert features.stat().st_mtime_ns == before
    assert "train_naive" in done.stderr


def kill_when(workflow: Workflow, there: Any) -> None:
    """Start a run and kill all of its processes as soon as `there()`."""
    run = subprocess.Popen(
        workflow.command("figure5"), cwd=workflow.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    while not there():
        assert run.poll() is None, "the run ended by itself"
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
