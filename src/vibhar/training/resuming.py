"""Resume killed stages: folders of finished clips, and training checkpoints.

Files that a run with other arguments, inputs or code left behind are not used.
"""

import shutil
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from vibhar.files.writing import complete

IDENTITY = "identity"


def unfinished(target: Path, identity: str) -> Path:
    """Return the folder for the finished files of the unfinished `target`; it is emptied if `identity` differs."""
    folder = target.with_name(f".unfinished-{target.name}")
    note = folder / IDENTITY
    if not (note.exists() and note.read_text("utf-8") == identity):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        note.write_text(identity)
    return folder


def finish(folder: Path, target: Path) -> None:
    """Rename the folder from `unfinished` to `target`; an old `target` is removed."""
    (folder / IDENTITY).unlink()
    shutil.rmtree(target, ignore_errors=True)
    folder.rename(target)


class Checkpoint:
    """A training checkpoint, written at most every `seconds`, and only loaded by a training of the same identity."""

    def __init__(self, file: Path, identify: Callable[[], str], seconds: float = 30.0) -> None:
        self.file, self.identify, self.seconds = file, identify, seconds
        self.last = time.monotonic()

    @cached_property
    def identity(self) -> str:
        """The identity of the training. It is computed on first use, since that takes a moment."""
        return self.identify()

    def load(self) -> dict[str, Any] | None:
        """Return the state of the killed training; None if there is none, it cannot be read, or it is another's."""
        if not self.file.exists():
            return None
        try:
            saved = torch.load(self.file, map_location="cpu", weights_only=True)
        except Exception as error:  # a truncated or damaged file can raise almost anything
            print(f"The checkpoint {self.file} cannot be read ({type(error).__name__}); the training starts anew.")
            return None
        if saved.get(IDENTITY) != self.identity:
            print(f"The checkpoint {self.file} is of another training, or of another version; it is not used.")
            return None
        print(f"The training resumes from {self.file}.")
        return saved

    def save_if_due(self, capture: Callable[[], dict[str, Any]]) -> None:
        """Write what `capture` returns, if the last checkpoint is at least `seconds` old."""
        if time.monotonic() - self.last < self.seconds:
            return
        with complete(self.file) as temporary, temporary.open("wb") as stream:
            torch.save({**capture(), IDENTITY: self.identity}, stream)
        self.last = time.monotonic()

    def discard(self) -> None:
        """Remove the checkpoint, once the results of the training are written."""
        self.file.unlink(missing_ok=True)


def checkpoint_beside(result: Path, identify: Callable[[], str], part: str = "training") -> Checkpoint:
    """Return the checkpoint of a training (`part` tells several apart) whose result is the file `result`."""
    return Checkpoint(result.with_name(f".{part}.checkpoint"), identify)
