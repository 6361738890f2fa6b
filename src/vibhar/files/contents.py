"""Hash the contents of files, and remember the hashes, so that an unchanged file is read only once."""

import hashlib
import json
import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from vibhar.files.writing import complete

THREADS = 8  # hashing and reading release Python's lock
YOUNG = 0.1  # seconds: a file that has just changed may change again within the tick of the file system's clock

Status = list[int]


def hash_contents(paths: Iterable[Path], memory: Path) -> list[str]:
    """The SHA-256 of each file's bytes, links followed; "missing" or "unreadable" in place of one that cannot be had.

    `memory` is a JSON file of hashes by path. A file is read where its size, its times (to the nanosecond) or its inode
    are not those remembered: a rename, a copy that keeps the times and a link that is turned elsewhere change one of
    these. A touch changes them, too, but not the hash.
    """
    files = [str(path.absolute()) for path in paths]
    known = read_memory(memory)
    statuses = [status_of(file) for file in files]
    changed = [
        file
        for file, status in zip(files, statuses, strict=True)
        if status is None or known.get(file, [None])[0] != status
    ]
    with ThreadPoolExecutor(THREADS) as pool:
        hashes = dict(zip(changed, pool.map(hash_file, changed), strict=True))
    result = [hashes[file] if file in hashes else known[file][1] for file in files]
    noted = zip(files, statuses, result, strict=True)
    new = {file: [status, value] for file, status, value in noted if file in hashes and is_settled(status)}
    if new:
        write_memory(known | new, memory)
    return result


def status_of(file: str) -> Status | None:
    """Size, times of content and of status, inode and device; None for a file that is not there."""
    try:
        status = Path(file).stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev]


def is_settled(status: Status | None) -> bool:
    """Whether a file can be remembered by its status."""
    return status is not None and time.time() - max(status[1:3]) / 1e9 > YOUNG


def hash_file(file: str) -> str:
    """The SHA-256 of a file's bytes, or why it has none."""
    try:
        with Path(file).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "unreadable"


def read_memory(memory: Path) -> dict[str, list]:
    """What is remembered; nothing where the file is not there or was cut off."""
    try:
        return json.loads(memory.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def write_memory(known: dict[str, list], memory: Path) -> None:
    """Remember; in a folder that cannot be written, the files are read again the next time."""
    if os.access(memory.parent if memory.parent.exists() else memory.parent.parent, os.W_OK):
        with complete(memory) as temporary:
            temporary.write_text(json.dumps(known))
