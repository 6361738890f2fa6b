"""A change of the config reruns what reads it, and what follows from that."""

from typing import Any

import pytest

from tests.workflow.conftest import merge

FIGURE3 = {"make_table2": 1, "make_figure3": 1}
SWEPT = {**FIGURE3, "make_figure2": 1, "make_figure4": 1, "make_figure5": 1}
RESULTS = {**SWEPT, "make_table4": 1, "make_figure1": 1}
PRUNING = {"prune": 6, "train_iss": 1, "train_control": 3, **RESULTS}
SWEEP = {"train_vib": 6, **PRUNING}
NAIVE = {"train_naive": 2, "train_tensorized": 1, **SWEEP, "train_iss": 2}
TRAINING = {"train_small": 1, **NAIVE}
FEATURES = {"sample_frames": 1, "index_clips": 1, "extract_features": 2, "build_store": 2, **TRAINING}

CHANGES: list[tuple[dict[str, Any], dict[str, int]]] = [
    ({"selection": {"max_accuracy_drop": 3.0}}, {**FIGURE3, "make_figure2": 1}),
    ({"finetune": {"threshold": 2.0}}, PRUNING),
    ({"vib": {"training": {"epochs": 3}}}, SWEEP),
    ({"vib": {"betas": [1.0e-4, 1.0e-2, 1.0e-3]}}, {"train_vib": 2, "prune": 2, **SWEPT}),
    ({"vib": {"betas": [1.0e-4]}}, SWEPT),
    ({"seeds": [0, 1]}, {rule: jobs for rule, jobs in TRAINING.items() if rule != "make_figure1"}),  # of seed 0
    ({"naive": {"learning_rate": 2.0e-3}}, TRAINING),
    ({"lstm": {"hidden": 9}}, NAIVE),
    ({"small": {"hidden": [2, 3]}}, {"train_small": 1, "make_figure4": 1}),
    ({"iss": {"threshold": 0.2}}, {"train_iss": 2, **FIGURE3}),
    (
        {"table4": {"beta": 1.0e-2}},
        {"train_vib": 2, "prune": 2, "train_control": 3, "make_table4": 1, "make_figure1": 1},
    ),
    ({"cnns": {"small_cnn": {"precision": "bfloat16"}}}, FEATURES),
    ({"sampling": {"seed": 1}}, FEATURES),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES, ids=lambda value: str(value)[:60])
def test_a_change_reruns_its_stages(completed, change: dict[str, Any], expected: dict[str, int]) -> None:
    completed.configure(merge(completed.config, change))
    assert completed.stale("all") == {**expected, "all": 1, "total": 1 + sum(expected.values())}


def test_a_number_written_otherwise_reruns_nothing(completed) -> None:
    text = (completed.folder / "config.yaml").read_text()
    assert "learning_rate: 0.001" in text
    (completed.folder / "config.yaml").write_text(text.replace("learning_rate: 0.001", "learning_rate: 1.0e-3"))
    assert not completed.stale("all")


def test_another_experiment_has_tables_of_its_own_and_trains_nothing(completed) -> None:
    completed.configure(merge(completed.config, {"experiment": "other"}))
    assert completed.stale("all").keys() == {*RESULTS, "all", "total"}
