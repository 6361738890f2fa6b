"""Wrong input ends with one paragraph that says what, where and how, before any job starts, and a non-zero exit."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from tests.workflow.conftest import Workflow, merge


def message_of(workflow: Workflow, change: dict[str, Any]) -> str:
    """What a run with the changed config says; nothing may have been computed."""
    workflow.configure(merge(workflow.config, change))
    done = workflow.call("all")
    assert done.returncode != 0
    assert not (workflow.folder / "results").exists()
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def own_videos(root: str, **more: Any) -> dict[str, Any]:
    """A change of the config to videos of the user's own."""
    dataset = {"kind": "ucf101", "root": root, "splits": ["split1"], **more}
    return {"datasets": {"own": dataset}, "table2": {"datasets": ["own"]}, "figure5": {"datasets": ["own"]}}


def test_an_unknown_key(workflow: Workflow) -> None:
    assert "unknown key `seed`" in message_of(workflow, {"seed": [1]})


def test_a_beta_that_yaml_reads_as_text(workflow: Workflow) -> None:
    assert "Write 1.0e-5" in message_of(workflow, {"vib": {"betas": ["1e-5"]}})


def test_a_beta_twice(workflow: Workflow) -> None:
    assert "holds 0.001 twice" in message_of(workflow, {"vib": {"betas": [0.001, 1.0e-3]}})


def test_a_root_that_does_not_exist(workflow: Workflow) -> None:
    message = message_of(workflow, own_videos("nowhere"))
    assert "Dataset `own`: The folder nowhere does not exist" in message


def make_ucf101(folder: Path, listed: str) -> str:
    """A dataset of two empty clips, and lists that name `listed`."""
    for clip in ("v_Swing_g01_c01", "v_Swing_g08_c01"):
        path = folder / f"videos/Swing/{clip}.avi"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    lists = folder / "videos/ucfTrainTestlist"
    lists.mkdir()
    for split in (1, 2, 3):
        (lists / f"trainlist0{split}.txt").write_text("")
        (lists / f"testlist0{split}.txt").write_text(f"{listed}\n")
    (lists / "classInd.txt").write_text("1 Swing\n")
    return "videos"


def test_split_lists_that_match_no_clip(workflow: Workflow) -> None:
    root = make_ucf101(workflow.folder, "Surfing/v_Surfing_g01_c01.avi")
    assert "split lists match no clip" in message_of(workflow, own_videos(root))


def test_a_class_without_a_training_clip(workflow: Workflow) -> None:
    root = make_ucf101(workflow.folder, "Swing/v_Swing_g01_c01.avi")
    message = message_of(workflow, own_videos(root))
    assert "split1" in message
    assert "Swing" in message


def test_a_split_that_there_is_not(workflow: Workflow) -> None:
    for person in range(5):
        for clip in range(2):
            path = workflow.folder / f"mine/wave/p{person}_{clip}.mp4"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    change = own_videos("mine", kind="folders", splits=["split1"], group_pattern="/(p[0-9])_")
    message = message_of(workflow, change)
    assert "There is no split 'split1'" in message
    assert "group1" in message


def test_weights_with_wrong_keys(workflow: Workflow) -> None:
    save_file({"layer.weight": torch.zeros(2)}, workflow.folder / "wrong.safetensors")
    message = message_of(workflow, {"cnns": {"small_cnn": {"weights": "wrong.safetensors"}}})
    assert "wrong.safetensors do not fit SmallCNN" in message
    assert "features.0.0.weight is missing" in message


def test_weights_that_are_a_pickle(workflow: Workflow) -> None:
    torch.save({"weights": Path("x")}, workflow.folder / "code.pth")
    message = message_of(workflow, {"cnns": {"small_cnn": {"weights": "code.pth"}}})
    assert "weights_only=True" in message
