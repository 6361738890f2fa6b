"""Features from elsewhere in place of videos: a table of them, and messages for configs that do not fit."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.workflow.conftest import Workflow, merge
from tests.workflow.test_bad_input import message_of

DIM = 16
CHANGE = {
    "datasets": {"mine": {"kind": "features", "root": "arrays", "clips": "clips.csv", "splits": ["split1"]}},
    "cnns": {"i3d": {"backbone": "external", "weights": "none", "label": "I3D, Kinetics"}},
    "vib": {"betas": [1.0e-4]},
    "table2": {"datasets": ["mine"], "cnn": "i3d", "second_cnn": None, "comparisons": []},
}


@pytest.fixture
def arrays(workflow: Workflow) -> Workflow:
    """The small config, with a dataset of 3 classes of 5 groups beside the rendered one."""
    random = np.random.default_rng(0)
    (workflow.folder / "arrays").mkdir()
    rows = []
    for label in range(3):
        for group in range(5):
            array = random.normal(size=(6 + group, DIM)) + 2 * np.eye(DIM)[label]
            np.save(workflow.folder / f"arrays/c{label}{group}.npy", array.astype(np.float32))
            rows.append((f"c{label}{group}", f"class{label}", f"p{group}", "test" if group == 4 else "train"))
    table = pd.DataFrame(rows, columns=["clip", "label", "group", "split1"])
    table.to_csv(workflow.folder / "clips.csv", index=False)
    workflow.configure(merge(workflow.config, CHANGE))
    return workflow


def test_table2_of_features(arrays: Workflow) -> None:
    done = arrays.call("table2")
    assert done.returncode == 0, done.stdout + done.stderr
    table = pd.read_csv(arrays.folder / "results/default/tables/table2.csv")
    assert list(table["method"]) == ["Naive-LSTM", "TR-LSTM", "ISS-LSTM", "VIB-LSTM", "VIB+ISS-LSTM"]
    assert set(table["dataset"]) == {"mine"}
    assert set(table["weights"]) == {"I3D, Kinetics"}
    naive = table.iloc[0]
    lstm = 4 * 8 * (DIM + 8) + 64
    assert (naive["inputs"], naive["lstm_params"], naive["total_params"]) == (DIM, lstm, lstm + 8 * 3 + 3)
    assert not (arrays.folder / "results/rendered").exists()
    assert json.loads((arrays.folder / "results/mine/clips.json").read_text())["clips"] == 15
    assert_stale_after_changes(arrays)


def assert_stale_after_changes(arrays: Workflow) -> None:
    """Nothing is to do after a run; other sampling spares the index, and another array spares nothing."""
    assert not arrays.stale("table2")
    arrays.configure(merge(arrays.config, {"sampling": {"seed": 1}}))
    stale = arrays.stale("table2")
    assert stale["store_arrays"] == stale["train_naive"] == 1
    assert "index_arrays" not in stale
    np.save(arrays.folder / "arrays/c00.npy", np.zeros((3, DIM), np.float32))
    assert arrays.stale("table2")["index_arrays"] == 1


def test_videos_and_features_side_by_side(arrays: Workflow) -> None:
    stale = arrays.stale("table2", "figure5")
    rules = ("index_arrays", "store_arrays", "describe_features", "index_clips", "build_store", "prepare_weights")
    assert [stale[rule] for rule in rules] == [1] * 6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"datasets": {"mine": {"clips": "nowhere.csv"}}},
            "Dataset `mine`: The clip list nowhere.csv cannot be opened",
        ),
        ({"datasets": {"mine": {"splits": ["split2"]}}}, "clips.csv has no column `split2`; it has clip, label, group"),
        ({"datasets": {"mine": {"root": "nowhere"}}}, "Dataset `mine`: The folder nowhere does not exist"),
        ({"table2": {"cnn": "small_cnn"}}, "needs a CNN with `backbone: external`"),
        ({"table2": {"second_cnn": "small_cnn"}}, "`second_cnn` may be null"),
        ({"table2": {"comparisons": ["two_stream_lstm"]}}, "`comparisons` may be empty"),
        ({"table2": {"datasets": ["tiny"]}}, "a dataset of videos needs one of the others"),
        ({"cnns": {"i3d": {"weights": "imagenet"}}}, "`cnns.i3d.weights` is wrong: 'none' was expected"),
        ({"cnns": {"i3d": {"label": None}}}, "`cnns.i3d.label` is empty"),
    ],
)
def test_configs_that_do_not_fit(arrays: Workflow, change: dict[str, Any], message: str) -> None:
    assert message in message_of(arrays, change)


def test_a_dataset_of_features_without_its_list(arrays: Workflow) -> None:
    config = arrays.config
    del config["datasets"]["mine"]["clips"]
    arrays.configure(config)
    assert "needs root, the folder of its arrays, and clips" in message_of(arrays, {})


def test_matlab_7_3_ends_with_one_paragraph(arrays: Workflow) -> None:
    (arrays.folder / "arrays/c00.npy").unlink()
    (arrays.folder / "arrays/c00.mat").write_bytes(b"MATLAB 7.3 MAT-file".ljust(512))
    done = arrays.call("table2")
    assert done.returncode != 0
    message = " ".join((done.stdout + done.stderr).split())
    assert "c00.mat is a MATLAB file of version 7.3" in message
    assert "Traceback" not in message
