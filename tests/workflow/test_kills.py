"""Kills at random moments, of jobs and of Snakemake itself, until a whole run has gone through them."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.workflow.conftest import Workflow

KILLS = 30
TABLES = ("table1", "table2", "table3", "table4", "pareto")


@pytest.mark.slow
def test_a_run_that_is_killed_thirty_times_ends_with_the_same_tables(finished: Workflow, workflow: Workflow) -> None:
    chance = random.Random(0)
    killed = [kill_at_random(workflow, chance) for _ in range(KILLS)]
    assert {"snakemake", "job"} <= set(killed)
    done = workflow.call("all")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in TABLES:
        path = f"results/default/tables/{name}.csv"
        assert (workflow.folder / path).read_bytes() == (finished.folder / path).read_bytes(), name
    assert not list(workflow.folder.glob("results/**/.unfinished-*"))
    assert not list(workflow.folder.glob("results/**/*.checkpoint"))


def kill_at_random(workflow: Workflow, chance: random.Random) -> str:
    """Start a run, and kill it or one of its jobs; says what was killed."""
    command, quiet = workflow.command("all", "--cores", "8"), subprocess.DEVNULL
    run = subprocess.Popen(command, cwd=workflow.folder, stdout=quiet, stderr=quiet, start_new_session=True)
    wait_for_jobs(workflow.folder, run)
    time.sleep(chance.uniform(0, 2.5))
    jobs = jobs_in(workflow.folder)
    victim = chance.choice(jobs) if jobs and chance.random() < 0.5 else run.pid
    try:
        os.kill(victim, signal.SIGKILL)
    except ProcessLookupError:
        return "nothing: the job was just done"
    end(run)
    return "snakemake" if victim == run.pid else "job"


def end(run: subprocess.Popen) -> None:
    """Wait until the run has ended; one that makes up for a killed job, which some are retried, is killed as well."""
    try:
        assert run.wait(timeout=10) != 0, "the run has ended before all kills"
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()


def wait_for_jobs(folder: Path, run: subprocess.Popen) -> None:
    """Wait until the run has a job, and no longer than it lasts."""
    while not jobs_in(folder):
        assert run.poll() is None, "the run has ended before all kills"
        time.sleep(0.05)


def jobs_in(folder: Path) -> list[int]:
    """The processes of stages that run in a folder."""
    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if is_stage(process, folder)]


def is_stage(process: Path, folder: Path) -> bool:
    """Whether a process, which may end at any moment, is a stage of the workflow in `folder`."""
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
        return (process / "cwd").readlink() == folder and any(word.startswith(b"vibhar.stages.") for word in words)
    except OSError:
        return False
