"""What the user types wins over the profile of the repository, in every spelling that Snakemake knows."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.workflow.conftest import Workflow
from vibhar.workflow.host import typed_cores

SPELLINGS = ["-j1", "-j 1", "--jobs 1", "--jobs=1", "-c1", "-c 1", "--cores 1", "--cores=1", "--core 1"]


def provided_cores(workflow: Workflow, *arguments: str) -> int:
    """The cores that Snakemake says it has for the smallest of runs."""
    done = subprocess.run(
        workflow.bare(*arguments, "--", "results/cnns/pixels/trunk.json"),
        cwd=workflow.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(re.search(r"Provided cores: (\d+)", done.stderr)[1])  # type: ignore[index]


def test_jobs_typed_are_cores(workflow: Workflow) -> None:
    assert provided_cores(workflow, "-j", "1") == 1


def test_all_cores_where_nothing_is_typed(workflow: Workflow) -> None:
    assert provided_cores(workflow) == len(os.sched_getaffinity(0))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_understood(spelling: str) -> None:
    assert typed_cores(["snakemake", *spelling.split(" "), "all"]) == 1


def test_a_profile_of_the_users_is_understood(tmp_path: Path) -> None:
    (tmp_path / "profile.yaml").write_text("jobs: 3\n")
    assert typed_cores(["/bin/snakemake", "all", "--profile", str(tmp_path)]) == 3
    assert typed_cores(["snakemake", "-j", "2", "--profile", str(tmp_path)]) == 2


def test_nothing_typed_and_other_programs_have_no_say() -> None:
    assert typed_cores(["snakemake", "-n", "all"]) is None
    assert typed_cores(["pytest", "-j", "1"]) is None
