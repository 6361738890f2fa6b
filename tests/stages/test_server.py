"""Stages that the server forks do what they do when they run by themselves, and end as they do."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from vibhar.stages import server
from vibhar.stages.client import SERVER

STAGE = "vibhar.stages.features.describe_fused"
DESCRIPTION = {"backbone": "small", "label": "rendered", "parameters": 3}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two descriptions, of which the stage makes one."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "results").mkdir()
    for name in "ab":
        (folder / f"results/{name}.json").write_text(json.dumps(DESCRIPTION))
    return folder


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[subprocess.Popen]:
    """A server that listens."""
    before = Path.cwd()
    os.chdir(folder)
    server.start(Path())
    address = os.environ.pop(SERVER)
    os.chdir(before)
    running = server.STARTED.pop()
    while not (folder / address).exists():
        assert running.poll() is None, (folder / "stages.log").read_text()
        time.sleep(0.1)
    yield running
    assert running.stdin
    running.stdin.close()
    assert running.wait(timeout=30) == 0
    assert not (folder / address).exists()


def call(folder: Path, *words: str, server: bool = True, threads: str = "1", stage: str = STAGE) -> subprocess.Popen:
    """Start a stage below a shell, as Snakemake does."""
    address = {SERVER: next((path.name for path in folder.glob("*.sock")), "gone.sock")} if server else {}
    environment = os.environ | {"OMP_NUM_THREADS": threads} | address
    line = f"{sys.executable} -m {stage} {' '.join(words)}; exit $?"
    pipe = subprocess.PIPE
    return subprocess.Popen(["bash", "-c", line], cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)


def describe(folder: Path, name: str, **options: bool | str) -> subprocess.Popen:
    """Start the stage that makes one description of two."""
    words = ["--descriptions", "results/a.json", "results/b.json", "--description", f"results/{name}.json"]
    return call(folder, *words, **options)  # type: ignore[arg-type]


def test_a_fork_makes_the_same_file_and_the_same_record(served: subprocess.Popen, folder: Path) -> None:
    for name, with_server in (("forked", True), ("alone", False)):
        run = describe(folder, name, server=with_server)
        assert run.wait() == 0, run.stderr and run.stderr.read()
    assert (folder / "results/forked.json").read_bytes() == (folder / "results/alone.json").read_bytes()
    records = [json.loads((folder / f"results/.records/{name}.json.json").read_text()) for name in ("forked", "alone")]
    assert records[0]["stage"] == records[1]["stage"] == STAGE
    assert records[0]["code"] == records[1]["code"]


@pytest.mark.parametrize("with_server", [True, False])
def test_what_is_wrong_is_said_by_the_stage_and_its_status(
    served: subprocess.Popen, folder: Path, with_server: bool
) -> None:
    run = call(folder, "--store", "x", stage="vibhar.stages.training.naive", server=with_server)
    assert run.wait() == 2
    assert run.stderr and "required: --clips" in run.stderr.read()


def test_stages_with_threads_run_alone(served: subprocess.Popen, folder: Path) -> None:
    assert describe(folder, "threads", threads="2").wait() == 0


def test_a_server_that_is_gone_is_not_missed(folder: Path) -> None:
    run = call(folder, "--help", stage=STAGE)
    run.wait()
    environment = os.environ | {SERVER: "gone.sock", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", STAGE, "--help"]
    assert subprocess.run(command, env=environment, cwd=folder, capture_output=True, check=False).returncode == 0


def test_a_fork_dies_with_its_client(served: subprocess.Popen, folder: Path) -> None:
    (folder / "pipe.json").unlink(missing_ok=True)
    os.mkfifo(folder / "pipe.json")
    run = call(folder, "--descriptions", "pipe.json", "--description", "results/never.json")
    fork = wait_for(lambda: forks_of(served))
    client = wait_for(lambda: children_of(run.pid))
    os.kill(client[0], signal.SIGKILL)
    wait_for(lambda: fork[0] not in forks_of(served))
    assert not (folder / "results/never.json").exists()


def wait_for(condition: object) -> list[int]:
    """What `condition` returns once it is true."""
    for _ in range(600):
        if found := condition():  # type: ignore[operator]
            return found
        time.sleep(0.05)
    raise TimeoutError


def children_of(process: int) -> list[int]:
    """The processes that a process has started."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]


def forks_of(served: subprocess.Popen) -> list[int]:
    """The stages that the server runs."""
    return children_of(served.pid)


def test_a_fork_outlives_the_server(served: subprocess.Popen, folder: Path) -> None:
    pipe = folder / "pipe.json"
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    run = call(folder, "--descriptions", "pipe.json", "--description", "results/outlived.json")
    wait_for(lambda: forks_of(served))
    assert served.stdin
    served.stdin.close()
    served.wait(timeout=30)
    pipe.write_text(json.dumps(DESCRIPTION))
    assert run.wait(timeout=60) == 0, run.stderr and run.stderr.read()
    assert (folder / "results/outlived.json").exists()
