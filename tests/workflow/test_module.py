"""Another workflow takes this one as a module, and uses its rules under their names or behind a prefix."""

from pathlib import Path

import pytest

from tests.workflow.conftest import REPOSITORY, Workflow

SNAKEFILE = """
configfile: "config.yaml"


module vibhar:
    snakefile:
        "{snakefile}"
    config:
        config


use rule * from vibhar{prefixed}


rule mine:
    default_target: True
    input:
        rules.{prefix}make_table2.output.csv,
    output:
        "mine.txt",
    shell:
        "head -1 {{input}} > {{output}}"
"""


@pytest.mark.parametrize("prefix", ["", "paper_"])
def test_a_workflow_goes_on_from_a_table(workflow: Workflow, prefix: str) -> None:
    folder = workflow.folder
    prefixed = f" as {prefix}*" if prefix else ""
    own = SNAKEFILE.format(snakefile=REPOSITORY / "workflow/Snakefile", prefix=prefix, prefixed=prefixed)
    (folder / "Snakefile").write_text(own)
    jobs = Workflow(folder, repository=folder).stale("mine")
    assert jobs["mine"] == jobs[f"{prefix}make_table2"] == 1
    assert f"{prefix}make_table3" not in jobs


def test_its_rules_run_from_another_workflow(completed: Workflow) -> None:
    own = SNAKEFILE.format(snakefile=REPOSITORY / "workflow/Snakefile", prefix="", prefixed="")
    (completed.folder / "Snakefile").write_text(own)
    table = Path(completed.folder, "results/default/tables/table2.csv")
    first = table.read_text().splitlines()[0]
    table.unlink()
    done = Workflow(completed.folder, repository=completed.folder).call("mine")
    assert done.returncode == 0, done.stderr
    assert (completed.folder / "mine.txt").read_text() == f"{first}\n"


def test_the_root_and_the_catalogue_name_the_same_workflow(workflow: Workflow) -> None:
    root = workflow.stale("all")
    inner = workflow.call("--snakefile", str(REPOSITORY / "workflow/Snakefile"), "--dry-run", "all")
    assert workflow.jobs(inner.stdout + inner.stderr) == root
