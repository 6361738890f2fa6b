"""The profile for Slurm runs everything on a real Slurm, unchanged, and gets over a job that was killed."""

import re
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.workflow.conftest import REPOSITORY, Workflow, merge
from tests.workflow.slurm import call, cluster, why_not
from vibhar.workflow.config_queries import RESULTS

PROFILE = REPOSITORY / "profiles/slurm"
# Slurm keeps no accounts here, and its jobs last seconds.
OPTIONS = ["--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "5"]


@pytest.fixture
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    if reason := why_not():
        pytest.skip(reason)
    with cluster(tmp_path_factory.mktemp("slurm") / "state"):
        yield


@pytest.fixture
def smallest(workflow: Workflow, small_config: dict[str, Any]) -> Workflow:
    """One dataset and one CNN for all tables and figures: some forty jobs."""
    results = {name: {"datasets": ["tiny"], "cnn": "small_cnn"} for name in RESULTS}
    fewer = {
        "table1": {"cnn": "pixels"},
        "table2": {"comparisons": [], "second_cnn": None},
        "table3": {"comparisons": []},
        "edge": {"datasets": ["tiny"], "cnn": "small_cnn", "runtimes": ["numpy"]},
        "vib": {"betas": [1.0e-4], "target": {"goals": {"target_ratio": []}}},
    }
    config = merge(merge(small_config, results), fewer)
    config["datasets"] = {"tiny": config["datasets"]["tiny"]}
    workflow.configure(config)
    return workflow


def kill_one_sweep() -> str:
    """Cancel the first sweep that is seen to run; its number."""
    for _ in range(600):
        jobs = call("squeue", "--noheader", "--states=R", "--format=%i %k")
        running = re.findall(r"^(\S+) rule_sweep_", jobs, re.MULTILINE)
        if running:
            call("scancel", running[0])
            return running[0]
        time.sleep(0.5)
    raise AssertionError("no sweep has run within five minutes")


def test_all_runs_on_slurm_and_gets_over_a_killed_job(
    slurm: None, smallest: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIBHAR_GPU", "1")
    log = smallest.folder / "slurm.log"
    command = smallest.bare("--workflow-profile", str(PROFILE), *OPTIONS, "all")
    with log.open("w") as stream:
        running = subprocess.Popen(command, cwd=smallest.folder, stdout=stream, stderr=subprocess.STDOUT)
    try:
        killed = kill_one_sweep()
        assert running.wait(timeout=900) == 0, log.read_text()
    finally:
        running.kill()
    assert re.search(rf"JOB {killed} ON .* CANCELLED.*Trying to restart job", log.read_text(), re.DOTALL)
    assert not smallest.stale("all")
    jobs = call("scontrol", "--oneliner", "show", "jobs").splitlines()
    trained = [job for job in jobs if "Comment=rule_sweep_" in job]
    assert len(jobs) < 40  # the trainings alone are 25
    assert 2 <= len(trained) <= 4
    for job in trained:
        assert "TresPerJob=gres:gpu:1" in job
        assert 4000 <= int(re.search(r"MinMemoryNode=(\d+)M", job)[1]) <= 16000  # type: ignore[index]
        assert re.search(r"TimeLimit=(\d+-)?\d\d:00:00", job)
