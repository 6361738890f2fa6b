"""The lock of a dead run is taken over; that of a living one, or of one on another machine, is not."""

import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflow.conftest import Workflow
from vibhar.workflow import locks
from vibhar.workflow.locks import take_over_locks

HOLD = "import sys, time; from pathlib import Path; from vibhar.workflow.locks import take_over_locks as take;"
HOLD += "take(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that a dead run of this machine has locked."""
    folder = tmp_path / ".snakemake"
    (folder / "locks").mkdir(parents=True)
    (folder / "locks/0.input.lock").touch()
    (folder / "holder").write_text(platform.node())
    yield folder
    while locks.HELD:
        locks.HELD.pop().close()


def test_the_lock_of_a_dead_run_is_taken_over(folder: Path) -> None:
    assert "is dead" in str(take_over_locks(folder))
    assert not (folder / "locks").exists()


def test_the_lock_of_a_living_run_is_left(folder: Path) -> None:
    living = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert living.stdout and living.stdout.readline() == "held\n"
    (folder / "locks").mkdir(exist_ok=True)
    (folder / "locks/0.input.lock").touch()
    try:
        assert take_over_locks(folder) is None
        assert (folder / "locks/0.input.lock").exists()
    finally:
        living.send_signal(signal.SIGKILL)
        living.wait()
    locks.HELD.pop().close()
    assert take_over_locks(folder) is not None


def test_the_lock_of_another_machine_is_left(folder: Path) -> None:
    (folder / "holder").write_text("another")
    assert take_over_locks(folder) is None
    assert (folder / "locks/0.input.lock").exists()
    assert (folder / "holder").read_text() == "another"


def test_where_nothing_is_locked_nothing_is_said(tmp_path: Path) -> None:
    assert take_over_locks(tmp_path) is None
    assert (tmp_path / "holder").read_text() == platform.node()


def test_a_run_goes_on_after_a_kill(workflow: Workflow) -> None:
    target = "results/cnns/small_cnn/trunk.json"
    killed = subprocess.Popen(workflow.command(target), cwd=workflow.folder, stderr=subprocess.DEVNULL)
    while not list(workflow.folder.glob(".snakemake/locks/*.lock")):
        assert killed.poll() is None
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    done = workflow.call(target)
    assert done.returncode == 0, done.stderr
    assert "takes the lock over" in done.stderr
