"""What verify and estimate plan is what the run calls; the profile says how many cores a bare command has."""

import subprocess

import yaml

from tests.workflow.conftest import REPOSITORY, Workflow
from vibhar.workflow.planning import PRINTED, plan, read_command


def test_the_commands_are_those_of_the_run_word_for_word(workflow: Workflow) -> None:
    config = yaml.safe_load((REPOSITORY / "config.yaml").read_text())
    workflow.configure(config)
    done = workflow.call("--dry-run", "--forceall", "--printshellcmds", "all")
    printed = [line.removeprefix(PRINTED) for line in done.stdout.splitlines() if line.startswith(PRINTED)]
    assert len(printed) > 100, done.stderr
    assert plan(REPOSITORY / "Snakefile", config) == {read_command(line) for line in printed}


def test_a_command_without_cores(workflow: Workflow) -> None:
    done = subprocess.run(
        workflow.bare("clear_cache"), cwd=workflow.folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
