"""Take over the locks that a killed Snakemake left in its folder, so that nobody has to type --unlock.

Every run holds a shared lock of the system on one file, which ends with the process however that dies. Where nobody
holds it, the owner of Snakemake's own locks is dead. The file names the machine of the owner: the locks of another
machine are left alone, as a lock of the system need not cross a network.
"""

import fcntl
import platform
import shutil
from pathlib import Path
from typing import IO

HELD: list[IO[str]] = []  # open for as long as this process lives


def take_over_locks(folder: Path = Path(".snakemake")) -> str | None:
    """Remove the locks of a dead process of this machine in `folder`; a line that says so, None where there are none.

    From then on this process holds the shared lock. It calls this before Snakemake writes its own locks.
    """
    folder.mkdir(exist_ok=True)
    holder = Path(folder, "holder").open("a+")  # noqa: SIM115  it stays open
    HELD.append(holder)
    locked = any(Path(folder, "locks").glob("*.lock"))
    dead = locked and is_alone(holder) and owner(holder) == platform.node()
    if dead:
        shutil.rmtree(folder / "locks")
    if dead or not locked:
        name_owner(holder)
    fcntl.flock(holder, fcntl.LOCK_SH)
    whose = folder.resolve().parent
    return f"The run that held the lock of {whose} is dead. This run takes the lock over." if dead else None


def is_alone(holder: IO[str]) -> bool:
    """Whether no other process holds the shared lock."""
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def owner(holder: IO[str]) -> str:
    """The machine of the last run that could have written Snakemake's locks."""
    holder.seek(0)
    return holder.read()


def name_owner(holder: IO[str]) -> None:
    """Write that this machine is the owner."""
    holder.truncate(0)
    holder.write(platform.node())
    holder.flush()
