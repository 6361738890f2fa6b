"""What goes wrong around a run: a full disk, one that cannot be written, damage, two runs at once. Nothing is lost."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflow.conftest import Workflow

TABLE = "results/default/tables/table4.csv"


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
    for size in ("64k", "500k", "2m"):
        remount(disk, f"size={size}")
        said = message(workflow, TABLE)
        assert "The disk is full" in said or "No space left on device" in said
        assert not (workflow.folder / TABLE).exists()
    remount(disk, "size=1g")
    done = workflow.call(TABLE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (workflow.folder / TABLE).read_bytes() == (finished.folder / TABLE).read_bytes()


def test_results_that_cannot_be_written(workflow: Workflow, disk: Path) -> None:
    remount(disk, "ro")
    assert "Read-only file system" in message(workflow, TABLE) or "mounted for reading only" in message(workflow, TABLE)


def test_two_runs_at_once(workflow: Workflow) -> None:
    command = workflow.command(TABLE)
    first = subprocess.Popen(command, cwd=workflow.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list(workflow.folder.glob(".snakemake/locks/*.output.lock")):
        assert first.poll() is None
        time.sleep(0.05)
    assert "Directory cannot be locked" in message(workflow, TABLE)
    assert first.wait(timeout=300) == 0


def flip(path: Path) -> None:
    """Change one bit in the middle, as a disk may, and leave the times as they are."""
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


@pytest.mark.parametrize("damage", [flip, truncate])
@pytest.mark.parametrize("what", ["small_cnn.npy", "small_cnn/*.npy"], ids=["store", "shard"])
def test_damaged_features_give_no_number(completed: Workflow, what: str, damage: object) -> None:
    features = completed.folder / "results/tiny/features"
    (file,) = features.glob(what)
    before = (completed.folder / TABLE).read_bytes()
    damage(file)  # type: ignore[operator]
    later = "models/small_cnn" if what == "small_cnn.npy" else "features/small_cnn.npy"
    remove(completed.folder / "results/tiny" / later)
    said = message(completed, TABLE)
    assert f"{file.relative_to(completed.folder)} were damaged after they were written" in said
    file.unlink()  # what the message says
    done = completed.call(TABLE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (completed.folder / TABLE).read_bytes() == before


def remove(path: Path) -> None:
    """Remove a file or a folder."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
