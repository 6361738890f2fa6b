"""A folder of videos as people have it, through Snakemake: prepared splits, a split file, odd files."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.videos.clips import write_clip
from tests.workflow.conftest import Workflow, merge
from tests.workflow.test_bad_input import message_of, own_videos

SUMMARY = "results/own/clips.json"


@pytest.fixture
def own(workflow: Workflow) -> Workflow:
    """Two classes in train, val and test; a camera's file, links that lead nowhere and in a circle, notes."""
    root = workflow.folder / "mine"
    for part in ("train", "val", "test"):
        for label in ("a_$x$", "跑步"):
            (root / part / label).mkdir(parents=True)
            write_clip(root / part / label / "1.avi", frames=8)
    write_clip(root / "train/跑步/0002.MTS", container="mpegts", codec="mpeg2video", frames=9)
    (root / "train/跑步/gone.avi").symlink_to("nowhere.avi")
    (root / "train/跑步/up").symlink_to("..")
    (root / "notes.txt").write_text("mine")
    (root / "train/caf\udce9.txt").write_text("mine")
    return workflow


def configured(own: Workflow, **more: Any) -> Workflow:
    change = own_videos("mine", kind="folders", **more)
    own.configure(merge(own.config, merge(change, {"data": {"max_unreadable": 0}})))
    return own


def summary_of(own: Workflow) -> dict[str, Any]:
    done = own.call(SUMMARY)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((own.folder / SUMMARY).read_text())


@pytest.mark.slow
def test_prepared_folders_with_odd_files(own: Workflow) -> None:
    summary = summary_of(configured(own))
    clips = pd.read_parquet(own.folder / "results/own/clips.parquet")
    assert clips["split1"].value_counts().to_dict() == {"train": 3, "validation": 2, "test": 2}
    assert set(clips["label"]) == {"a_$x$", "跑步"}
    assert {reason: entry["files"] for reason, entry in summary["unused"].items()} == {
        "link to a folder that is read already": 1,
        "link to nothing": 1,
        "name that is not UTF-8": 1,
        "text": 1,
    }
    assert summary["note"].startswith("7 clips, 4 files not used (1 link to a folder that is read already, ")
    assert "6 clips of equal content in 1 sets, 1 of the sets in more than one class" in summary["note"]
    assert not own.stale(SUMMARY)
    (own.folder / "mine/more.txt").write_text("mine")
    assert own.stale(SUMMARY).keys() == {"summarise_clips", "total"}


@pytest.mark.slow
def test_a_split_file_is_read_again_where_it_changes(own: Workflow) -> None:
    table = own.folder / "own.csv"
    paths = sorted(path.relative_to(own.folder).as_posix() for path in (own.folder / "mine").rglob("1.avi"))
    rows = pd.DataFrame({"clip": [path.removeprefix("mine/") for path in paths]})
    rows = rows.assign(part=["train" if "train" in path else path.split("/")[1] for path in paths])
    rows.replace("val", "validation").to_csv(table, index=False)
    assert summary_of(configured(own, split_file="own.csv"))["unlisted"] == ["train/跑步/0002.MTS"]
    rows.replace({"val": "test", "test": "validation"}).to_csv(table, index=False)
    assert "index_clips" in own.stale(SUMMARY)


def test_a_config_that_asks_for_folds_of_prepared_folders(own: Workflow) -> None:
    message = message_of(own, own_videos("mine", kind="folders", splits=["group1"]))
    assert "Dataset `own`: There is no split 'group1'; the splits are split1" in message
    assert "Write `splits: [split1]`" in message


def test_a_split_file_that_is_not_there(own: Workflow) -> None:
    message = message_of(own, own_videos("mine", kind="folders", split_file="nowhere.csv"))
    assert "nowhere.csv cannot be opened" in message
    assert "correct `split_file`" in message


def test_lists_that_spell_the_class_otherwise(workflow: Workflow) -> None:
    for group in range(1, 9):
        clip = workflow.folder / f"videos/HandStandPushups/v_HandStandPushups_g{group:02d}_c01.avi"
        clip.parent.mkdir(parents=True, exist_ok=True)
        clip.touch()
    lists = workflow.folder / "videos/ucfTrainTestlist"
    lists.mkdir()
    lines = [f"HandstandPushups/v_HandStandPushups_g{group:02d}_c01.avi" for group in range(1, 9)]
    Path(lists, "trainlist01.txt").write_text("".join(f"{line} 37\n" for line in lines[1:]))
    Path(lists, "testlist01.txt").write_text(f"{lines[0]}\n")
    message = message_of(workflow, own_videos("videos"))
    assert "'HandstandPushups' in the split lists" in message
    assert "'HandStandPushups' under videos" in message
