"""A change of the config reruns what reads it, and what follows from that: the table of `changes.py`, by dry runs."""

import os
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import yaml

from tests.workflow.changes import CHANGES, CLIPS
from tests.workflow.conftest import REPOSITORY, Workflow, merge

# CNNs that a change may name, besides those of the config.
OTHERS = {
    "maps2": {"backbone": "small_cnn_maps", "weights": "small_cnn_random"},
    "pixels2": {"backbone": "pixels", "weights": "none", "size": [32, 32]},
    "pixels2_both": {"backbone": "fused", "weights": "none", "fuse": ["pixels2", "pixels_flow"]},
}
ROWS = [
    (f"{section}.{leaf}".strip("."), value, stale)
    for section, leaves, stale in CHANGES
    for leaf, value in leaves.items()
]
FOLLOWS = {"make_provenance", "make_report"}  # whatever result is made
ELSEWHERE = {"datasets.*.root"}  # in tests of their own


@pytest.fixture(scope="module")
def dry_runs(finished: Workflow) -> Iterator[list[str]]:
    """What a dry run of the finished folder prints after each change, in the order of the table."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield list(pool.map(lambda row: finished.dry_run(overlay(row[0], row[1])), ROWS))


def overlay(path: str, value: Any) -> dict[str, Any]:
    """A config that says one thing."""
    for key in reversed(path.split(".")):
        value = {key: value}
    return merge({"cnns": OTHERS}, value) if "2" in str(value.get("comparisons")) else value


def of_the_other_dataset(printed: str) -> list[str]:
    """The outputs that would be made of the dataset that no change names."""
    return re.findall(r"output: .*results/tiny_pixels/.*", printed)


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[f"{path}={value}" for path, value, _ in ROWS])
def test_a_change_reruns_its_rules(dry_runs: list[str], number: int) -> None:
    path, _, expected = ROWS[number]
    stale = Workflow.jobs(dry_runs[number]).keys() - {"all", "total"}
    assert expected == stale - FOLLOWS
    assert ("make_provenance" in stale) == any(rule.startswith("make_") for rule in expected)
    if path.startswith("datasets.tiny."):
        assert not of_the_other_dataset(dry_runs[number])


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The dotted paths of a config's leaves; datasets and CNNs have the name *."""
    if isinstance(value, dict) and value:
        for key, below in value.items():
            yield from leaves(below, (*path, "*" if path in (("datasets",), ("cnns",)) else key))
    else:
        yield ".".join(path)


def test_every_leaf_has_a_row() -> None:
    configs = [yaml.safe_load((REPOSITORY / name).read_text()) for name in ("config.yaml", "config/paper.yaml")]
    written = {leaf for config in configs for leaf in leaves(config)}
    rows = {leaf for path, value, _ in ROWS for leaf in leaves(overlay(path, value))}
    assert written - rows == ELSEWHERE


def test_another_root_is_another_dataset(completed: Workflow) -> None:
    shutil.copytree(completed.folder / "results/rendered/tiny", completed.folder / "videos")
    config = completed.config
    config["datasets"]["tiny"] = {"kind": "ucf11", "root": "videos", "splits": ["group1"]}
    completed.configure(config)
    printed = completed.dry_run()
    assert completed.jobs(printed).keys() - {"all", "total", *FOLLOWS} == CLIPS
    assert not of_the_other_dataset(printed)


def test_a_number_written_otherwise_reruns_nothing(completed: Workflow) -> None:
    text = (completed.folder / "config.yaml").read_text()
    assert "learning_rate: 0.001" in text
    (completed.folder / "config.yaml").write_text(text.replace("learning_rate: 0.001", "learning_rate: 1.0e-3"))
    assert not completed.stale("all")


def test_only_the_new_betas_and_the_new_seeds_are_trained(finished: Workflow) -> None:
    stale = finished.jobs(finished.dry_run({"vib": {"betas": [1.0e-4, 1.0e-2, 1.0e-3]}}))
    assert (stale["train_vib"], stale["prune"]) == (4, 4)
    printed = finished.dry_run({"seeds": [0, 1]})
    assert "seed=1" in printed
    assert "seed=0" not in printed
