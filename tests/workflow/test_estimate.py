"""The estimate names every kind of work of a config, with the jobs that it has and the bytes that it leaves."""

import re

import pytest

from tests.workflow.conftest import Workflow


def test_it_has_the_jobs_and_the_bytes_of_the_run(finished: Workflow, workflow: Workflow) -> None:
    done = workflow.call("estimate")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = re.findall(r"^ *(\S+) +(\S.*?) +(\d+) +(\S+) +(\S+)$", done.stdout, re.MULTILINE)
    work = {(dataset, kind): (int(jobs), float(size)) for dataset, kind, jobs, _, size in rows}
    assert {kind for dataset, kind in work if dataset == "tiny"} == {
        "videos", "frames", "flow", "CNN features", "trainings",
    }  # fmt: skip
    models = finished.folder / "results/tiny/models"
    trained = [*models.rglob("history.csv"), *models.rglob("pruned.safetensors"), *models.rglob("metrics.json")]
    assert 0 < work["tiny", "trainings"][0] < len(trained)
    features = sum(path.stat().st_size for path in finished.folder.glob("results/tiny/features/*/*.npy"))
    assert work["tiny", "CNN features"][1] == pytest.approx(features / 1e9, rel=0.1)
    assert re.search(r"In all \S+ hours of one core, \S+ with --cores \d+", done.stdout)
    assert not (workflow.folder / "results").exists()
