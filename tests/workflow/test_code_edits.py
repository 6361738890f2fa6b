"""An edit of the code reruns the rules whose stage imports it, and what follows from them; a comment reruns nothing."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.workflow.conftest import REPOSITORY, Workflow

PARTS = ("Snakefile", "workflow", "src", "profiles")
FLOW = {"compute_flow", "extract_features", "build_store", "fuse_features", "make_table3"}
PRUNED = {"prune", "train_control", "make_table2", "make_table4", "make_figure5", "make_pareto"}

# Of a module that is edited: some of the rules that run again, and some that do not.
EDITS: dict[str, tuple[set[str], set[str]]] = {
    "results/figures/figure5.py": ({"make_figure5"}, {"make_figure4", "make_figure2", "make_table2", "prune"}),
    "results/tables.py": (
        {"make_table1", "make_table2", "make_table3", "make_table4"},
        {"make_figure5", "train_naive"},
    ),
    "edge/measuring.py": ({"measure_latency", "make_table_pi"}, {"make_bundle", "make_table2", "train_naive"}),
    "stages/training/prune.py": (PRUNED, {"train_vib", "train_naive", "train_small", "extract_features"}),
    "compression/group_lasso.py": ({"train_iss", "make_table2"}, {"train_vib", "prune", "make_figure5"}),
    "models/i3d.py": ({"train_comparison", "make_table3"}, {"train_naive", "extract_features", "make_figure5"}),
    "videos/tvl1.py": (FLOW, {"render", "index_clips"}),  # weights are learned of flow too
    "stages/features/store.py": (
        {"build_store", "train_naive", *PRUNED},
        {"extract_features", "compute_flow", "index_clips"},
    ),
    "stages/features/features.py": (
        {"extract_features", "build_store", "train_naive"},
        {"index_clips", "prepare_weights"},
    ),
    "stages/data/render.py": ({"render", "sample_frames", "compute_flow", "train_naive"}, {"prepare_weights"}),
    "stages/data/fetch.py": (set(), {"render", "make_table2"}),
}


@pytest.fixture
def checkout(finished: Workflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workflow:
    """The finished folder, and a copy of the code."""
    for part in PARTS:
        copy = shutil.copytree if (REPOSITORY / part).is_dir() else shutil.copy
        copy(REPOSITORY / part, tmp_path / part)
    return replace(finished, repository=tmp_path)


@pytest.mark.parametrize("module", EDITS)
def test_an_edit_reruns_what_imports_it(checkout: Workflow, module: str) -> None:
    with (checkout.repository / "src/vibhar" / module).open("a") as stream:
        stream.write("\n\nEDITED = True\n")
    rerun, left = EDITS[module]
    stale = checkout.stale("all").keys()
    assert rerun <= stale
    assert not left & stale


def test_comments_formatting_docstrings_and_times_rerun_nothing(checkout: Workflow) -> None:
    programs = checkout.repository / "src/vibhar/edge/device"  # go to the device as they are
    for path in {*(checkout.repository / "src").rglob("*.py")} - {*programs.iterdir()}:
        text = path.read_text().replace('"""\n', ' It is so."""\n', 1)
        path.write_text(f"{text}\n\n\n# A remark.\n")
    for path in checkout.repository.rglob("*"):
        os.utime(path)
    assert not checkout.stale("all")
