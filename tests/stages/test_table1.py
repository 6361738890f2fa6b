"""Table 1 from metrics of all six methods: its rows, their order, and what is said of each kind of split."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from vibhar.compression.sizes import count_lstm_parameters
from vibhar.stages.results.table1 import TITLES, make_table1


def run_of(method: str, split: str, seed: int, inputs: int = 57_600, hidden: int = 256, **more: Any) -> dict[str, Any]:
    return {
        "method": method,
        "dataset": "ucf11",
        "split": split,
        "seed": seed,
        "cell": "lstm",
        "inputs": inputs,
        "hidden": hidden,
        "lstm_parameters": count_lstm_parameters(inputs, hidden),
        "head_parameters": 0,
        "validation_accuracy": 0.7,
        "test_accuracy": 0.9 if split.startswith("clip") else 0.5,
        **more,
    }


@pytest.fixture
def table(tmp_path: Path) -> pd.DataFrame:
    runs = [
        run
        for split in ("clip1", "group1", "group2")
        for seed in (0, 1)
        for run in (
            *(run_of(method, split, seed) for method in TITLES if method != "vib"),
            run_of("vib", split, seed, 1312, 33, beta=0.1),
            run_of("vib", split, seed, 5, 2, beta=0.2, validation_accuracy=0.7 if split == "clip1" else 0.1),
        )
    ]
    metrics = [tmp_path / f"{number}.json" for number in range(len(runs))]
    for path, run in zip(metrics, runs, strict=True):
        path.write_text(json.dumps(run))
    summary, trunk = tmp_path / "clips.json", tmp_path / "trunk.json"
    summary.write_text('{"note": ""}')
    trunk.write_text('{"backbone": "pixels 160x120", "label": "none", "parameters": 0}')
    make_table1(
        metrics=metrics,
        summaries=[summary],
        trunk=trunk,
        csv=tmp_path / "table1.csv",
        markdown=tmp_path / "table1.md",
        latex=tmp_path / "table1.tex",
        settings={"datasets": [["ucf11", "ucf11"]], "methods": list(TITLES), "max_accuracy_drop": 1.0},
    )
    return pd.read_csv(tmp_path / "table1.csv", keep_default_na=False)


def test_six_rows_for_each_kind_of_split(table: pd.DataFrame) -> None:
    assert list(table["method"]) == list(TITLES.values()) * 2
    assert list(table["split"]) == ["clip1"] * 6 + ["group1 group2"] * 6
    assert table["note"].str.contains("groups leak").tolist() == [True] * 6 + [False] * 6
    assert list(table["paper_lstm_params"][:6]) == ["59.246M", "0.268M", "0.268M", "0.267M", "0.266M", "0.1778M"]


def test_beta_is_chosen_for_each_kind_of_split_by_its_own_validation(table: pd.DataFrame) -> None:
    clip, group = (row for row in table.to_dict("records") if row["method"] == "VIB-LSTM")
    assert clip["note"].startswith("beta 0.2, chosen on validation")
    assert group["note"].startswith("beta 0.1, chosen on validation")
    assert (group["lstm_params"], group["compression_ratio"]) == (177_804, 333.2)  # the paper prints 332.2
    assert (clip["accuracy_mean"], group["accuracy_mean"]) == (90.0, 50.0)
