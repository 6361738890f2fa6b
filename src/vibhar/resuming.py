"""Going on where a killed stage stood: folders of what is finished, clip by clip, and checkpoints, epoch by epoch.

Whatever was left by another work (other arguments, other inputs, other code) is set aside and not gone on with.
"""

import hashlib
import json
import shutil
import sys
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from vibhar.files import complete
from vibhar.provenance import code_hash

IDENTITY = "identity"


def work_identity() -> str:
    """A hash of what this process was called to do, of the files that it was given, and of the code that does it."""
    module = getattr(sys.modules["__main__"], "__spec__", None)
    code = code_hash(module.name) if module and module.name.startswith("vibhar.") else ""
    given = [[word, file_identity(word)] for word in sys.argv[1:]]
    return hashlib.sha256(json.dumps([given, code]).encode()).hexdigest()


def file_identity(word: str) -> list[int] | None:
    """Size and time of an argument that is a file, so that another file of its name is another one."""
    try:
        status = Path(word).stat()
    except (OSError, ValueError):  # of JSON as an argument
        return None
    return [status.st_size, status.st_mtime_ns] if Path(word).is_file() else None


def unfinished(target: Path) -> Path:
    """The folder for what is finished of `target`, which is not; `finish` makes it the target, or removes it."""
    folder, identity = target.with_name(f".unfinished-{target.name}"), work_identity()
    note = folder / IDENTITY
    if not (note.exists() and note.read_text() == identity):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        note.write_text(identity)
    return folder


def finish(folder: Path, target: Path) -> None:
    """Give the folder that `unfinished` gave its name, at once."""
    (folder / IDENTITY).unlink()
    shutil.rmtree(target, ignore_errors=True)
    folder.rename(target)


class Checkpoint:
    """The state of a training in a file, written at most every `seconds`, and read by the work that wrote it alone."""

    def __init__(self, file: Path, seconds: float = 30.0) -> None:
        self.file, self.seconds = file, seconds
        self.last = time.monotonic()

    @cached_property
    def identity(self) -> str:
        """Of the work; it takes a moment, which a short training does without."""
        return work_identity()

    def load(self) -> dict[str, Any] | None:
        """The state of the killed training; None where there was none, or it was another one, or it cannot be read."""
        if not self.file.exists():
            return None
        try:
            saved = torch.load(self.file, map_location="cpu", weights_only=True)
        except Exception as error:  # a file that is cut off or damaged raises what it likes
            print(f"The checkpoint {self.file} cannot be read ({type(error).__name__}); the training begins anew.")
            return None
        if saved.get(IDENTITY) != self.identity:
            print(f"The checkpoint {self.file} is of another training, or of another version; this one begins anew.")
            return None
        print(f"Goes on from {self.file}.")
        return saved

    def save_if_due(self, capture: Callable[[], dict[str, Any]]) -> None:
        """Write what `capture` returns, unless the last writing was just now."""
        if time.monotonic() - self.last < self.seconds:
            return
        with complete(self.file) as temporary, temporary.open("wb") as stream:
            torch.save({**capture(), IDENTITY: self.identity}, stream)
        self.last = time.monotonic()

    def discard(self) -> None:
        """Remove the file of a training whose results are written."""
        self.file.unlink(missing_ok=True)


def checkpoint_beside(result: Path, part: str = "training") -> Checkpoint:
    """The checkpoint of a part of the work that ends in the file `result`."""
    return Checkpoint(result.with_name(f".{part}.checkpoint"))
