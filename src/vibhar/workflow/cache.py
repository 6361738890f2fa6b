"""The cache of optical flow and CNN features below `results`: list entries, trim, remove.

The name of an entry ends in a key, a hash of everything that made it, so an existing entry is always valid. The
Snakefile's rules compute the keys.
"""

import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

NAME = re.compile(r"[0-9]+-of-[0-9]+-(?P<key>[0-9a-f]{16})(\.[a-z]+)?")
KINDS = ("flow", "features")  # decoding records are small and are never removed


class Entry(NamedTuple):
    """A shard of flow or features in the cache: `bytes` is its size, `time` when it was made (seconds)."""

    path: Path
    key: str
    bytes: int
    time: float


def cached_keys(results: Path, kind: str) -> list[str]:
    """Return the sorted keys of existing entries of a kind ("decoded", "flow" or "features")."""
    return sorted(key for _, key in find(results, kind))


def find(results: Path, kind: str) -> Iterator[tuple[Path, str]]:
    """Yield the paths of a kind with their keys; unfinished entries have other names and are not found."""
    for path in results.glob(f"*/{kind}/*/*" if kind == "features" else f"*/{kind}/*"):
        if match := NAME.fullmatch(path.name):
            yield path, match["key"]


def is_cached(path: Path) -> bool:
    """Return whether a path is a cache entry, which is valid even if the current config does not use it."""
    return NAME.fullmatch(path.name) is not None


def entries(results: Path) -> list[Entry]:
    """Return all entries of flow and features, the oldest first."""
    found = [Entry(path, key, size(path), path.stat().st_mtime) for kind in KINDS for path, key in find(results, kind)]
    return sorted(found, key=lambda entry: entry.time)


def size(path: Path) -> int:
    """Return the size in bytes of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in (path.iterdir() if path.is_dir() else [path]))


def trim(results: Path, limit: float, used: Collection[str] = ()) -> list[Entry]:
    """Remove the oldest entries, except those with keys in `used`, down to `limit` bytes; return the removed ones."""
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
    """Remove a file or a folder, if it exists."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
