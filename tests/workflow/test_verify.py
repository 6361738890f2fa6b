"""`snakemake verify` names what does not belong to the config and the code, without Snakemake's own notes."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.workflow.conftest import Workflow, merge
from tests.workflow.test_code_edits import checkout  # noqa: F401


def said(workflow: Workflow) -> str:
    """What verify prints, where it finds something."""
    done = workflow.call("verify")
    assert done.returncode != 0
    return done.stdout


def test_a_finished_run_belongs_with_and_without_snakemakes_notes(completed: Workflow) -> None:
    shutil.rmtree(completed.folder / ".snakemake")
    done = completed.call("verify")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every file below results/ is what this config and this code make." in done.stdout


def test_a_file_that_was_changed_and_one_that_nobody_made(completed: Workflow) -> None:
    table = completed.folder / "results/default/tables/table2.csv"
    table.write_text(table.read_text().replace(".", ",", 1))
    (completed.folder / "results/tiny/models/best.safetensors").write_text("mine")
    printed = said(completed)
    assert "results/default/tables/table2.csv: it was changed after it was made" in printed
    assert "results/tiny/models/best.safetensors: there is no record of how it was made" in printed
    assert "results/default/report.html: it was made from another results/default/tables/table2.csv" in printed
    assert "table3.csv" not in printed


def test_another_config(completed: Workflow) -> None:
    completed.configure(merge(completed.config, {"finetune": {"threshold": 2.0}}))
    printed = said(completed)
    assert "seed~0/pruned.safetensors: the current config does not make it, or makes it with other settings" in printed
    assert "gated.safetensors" not in printed


def test_results_from_elsewhere(completed: Workflow) -> None:
    models = completed.folder / "results/tiny/models/small_cnn/group1"
    for name in ("model.safetensors", "metrics.json", "history.csv"):
        shutil.copy(models / f"tr/seed~0/{name}", models / f"naive/seed~0/{name}")
    printed = said(completed)
    assert "naive/seed~0/model.safetensors: it was changed after it was made" in printed


def test_other_code(checkout: Workflow, tmp_path: Path) -> None:  # noqa: F811
    with (checkout.repository / "src/vibhar/results/figures/figure5.py").open("a") as stream:
        stream.write("\n\nEDITED = True\n")
    printed = said(checkout)
    assert "results/default/figures/figure5.png: it was made by other code" in printed
    assert "figure4" not in printed


@pytest.mark.parametrize("record", ["", "{", '{"stage": 1}'])
def test_a_record_that_cannot_be_read_counts_as_none(completed: Workflow, record: str) -> None:
    (completed.folder / "results/.records/default/tables/table2.csv.json").write_text(record)
    assert "table2.csv: there is no record of how it was made" in said(replace(completed))
