"""The cache of flow and features below `results`: files and folders whose names end in the key of what made them.

`workflow/rules/keys.smk` makes the keys. What is there is valid, so that nothing has to be remembered but the files.
"""

import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

NAME = re.compile(r"[0-9]+-of-[0-9]+-(?P<key>[0-9a-f]{16})(\.[a-z]+)?")
KINDS = ("flow", "features")  # the records of the decoding are small, and stay


class Entry(NamedTuple):
    """A shard of flow or of features: `time` is when it was made, in seconds."""

    path: Path
    key: str
    bytes: int
    time: float


def cached_keys(results: Path, kind: str) -> list[str]:
    """The keys of what is there of a kind ("decoded", "flow" or "features")."""
    return sorted(key for _, key in find(results, kind))


def find(results: Path, kind: str) -> Iterator[tuple[Path, str]]:
    """The paths of a kind with their keys; what is not finished has another name."""
    for path in results.glob(f"*/{kind}/*/*" if kind == "features" else f"*/{kind}/*"):
        if match := NAME.fullmatch(path.name):
            yield path, match["key"]


def is_cached(path: Path) -> bool:
    """Whether a path is named by what it was made of; a config that does not use it is no reason to doubt it."""
    return NAME.fullmatch(path.name) is not None


def entries(results: Path) -> list[Entry]:
    """All that is in the cache, the oldest first."""
    found = [Entry(path, key, size(path), path.stat().st_mtime) for kind in KINDS for path, key in find(results, kind)]
    return sorted(found, key=lambda entry: entry.time)


def size(path: Path) -> int:
    """Bytes of a file, or of all files of a folder."""
    return sum(file.stat().st_size for file in (path.iterdir() if path.is_dir() else [path]))


def trim(results: Path, limit: float, used: Collection[str] = ()) -> list[Entry]:
    """Remove the oldest entries until no more than `limit` bytes are left, but none of the keys `used`; what went."""
    present, removed = entries(results), []
    total = sum(entry.bytes for entry in present)
    for entry in present:
        if total <= limit:
            break
        if entry.key not in used:
            remove(entry.path)
            removed.append(entry)
            total -= entry.bytes
    return removed


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
