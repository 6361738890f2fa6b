"""What goes wrong around a run: a full disk, one that cannot be written, damage, two runs at once. Nothing is lost."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.workflow.conftest import Workflow

TABLE = "results/default/tables/table4.csv"
STORE = "results/tiny/features/small_cnn.npy"


@pytest.fixture
def disk(workflow: Workflow) -> Iterator[Path]:
    """A disk of its own for the results, of 64 kB at first."""
    results = workflow.folder / "results"
    results.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", results], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode().strip()}")
    yield results
    subprocess.run(["umount", "--lazy", results], check=True)


def remount(disk: Path, options: str) -> None:
    """Give the disk another size, or other rights."""
    subprocess.run(["mount", "-o", f"remount,{options}", disk], check=True)


def message(workflow: Workflow, *targets: str) -> str:
    """What a failing run says, in one line, and without a traceback."""
    done = workflow.call(*targets)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    return " ".join((done.stdout + done.stderr).split())


def test_a_full_disk(finished: Workflow, workflow: Workflow, disk: Path) -> None:
    for size in ("64k", "8m"):
        remount(disk, f"size={size}")
        assert "The disk is full. Make room" in message(workflow, TABLE)
        assert not (workflow.folder / TABLE).exists()
    remount(disk, "size=1g")
    done = workflow.call(TABLE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (workflow.folder / TABLE).read_bytes() == (finished.folder / TABLE).read_bytes()


def test_results_that_cannot_be_written(workflow: Workflow, disk: Path) -> None:
    remount(disk, "ro")
    assert "results cannot be written. Give this user the permission" in message(workflow, TABLE)


def test_two_runs_at_once(workflow: Workflow) -> None:
    command = workflow.command(STORE)
    first = subprocess.Popen(command, cwd=workflow.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list(workflow.folder.glob(".snakemake/locks/*.output.lock")):
        assert first.poll() is None
        time.sleep(0.05)
    assert "Directory cannot be locked" in message(workflow, STORE)
    assert first.wait(timeout=300) == 0


def flip(path: Path) -> None:
    """Change one bit in the middle, as a disk may, and leave the times: in a store, a test clip's first view."""
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=times)


def truncate(path: Path) -> None:
    """Leave half of it, with its times."""
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    os.truncate(path, path.stat().st_size // 2)
    os.utime(path, ns=times)


# What is damaged, and what is made of it.
MADE_OF = {"features/small_cnn.npy": "results/tiny/models/small_cnn/group1/naive/seed~0/metrics.json"}
MADE_OF |= {"features/small_cnn/*.npy": STORE}
FUSED = "results/tiny/features/small_cnn_both.json"
MADE_OF |= {"features/small_cnn_flow.npy": "results/tiny/models/small_cnn_both/group1/naive/seed~0/metrics.json"}


@pytest.mark.parametrize("damage", [flip, truncate])
@pytest.mark.parametrize("what", MADE_OF, ids=["store", "shard", "part"])
def test_damaged_features_give_no_number(completed: Workflow, what: str, damage: Callable[[Path], None]) -> None:
    (file,) = (completed.folder / "results/tiny").glob(what)
    made = completed.folder / MADE_OF[what]
    before = made.read_bytes()
    damage(file)
    made.unlink()
    said = message(completed, MADE_OF[what])
    assert f"{file.relative_to(completed.folder)} were damaged after they were written" in said
    assert not made.exists()
    file.unlink()  # what the message says
    done = completed.call(MADE_OF[what])
    assert done.returncode == 0, done.stdout + done.stderr
    assert made.read_bytes() == before


def test_a_part_of_fused_features_that_is_gone_is_made_again(completed: Workflow) -> None:
    made, part = completed.folder / MADE_OF["features/small_cnn_flow.npy"], "results/tiny/features/small_cnn_flow.npy"
    before, fused = made.read_bytes(), (completed.folder / FUSED).read_bytes()
    made.unlink()
    (completed.folder / part).unlink()
    done = completed.call(str(made.relative_to(completed.folder)))
    assert done.returncode == 0, done.stdout + done.stderr
    assert (completed.folder / part).exists()
    assert (made.read_bytes(), (completed.folder / FUSED).read_bytes()) == (before, fused)


def test_verify_names_a_damaged_part(completed: Workflow) -> None:
    flip(completed.folder / "results/tiny/features/small_cnn_flow.npy")
    done = completed.call("verify")
    assert done.returncode != 0
    assert "results/tiny/features/small_cnn_flow.npy: it was changed after it was made" in done.stdout
