"""Going on where a killed stage stood: folders of what is finished, clip by clip, and checkpoints, epoch by epoch.

Whatever was left by another work (other arguments, other inputs, other code) is set aside and not gone on with.
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
    """The folder for what is finished of `target`, which is not; `finish` makes it the target, or removes it."""
    folder = target.with_name(f".unfinished-{target.name}")
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

    def __init__(self, file: Path, identify: Callable[[], str], seconds: float = 30.0) -> None:
        self.file, self.identify, self.seconds = file, identify, seconds
        self.last = time.monotonic()

    @cached_property
    def identity(self) -> str:
        """The identity of the work. It takes a moment, so that a short training never asks for it."""
        return self.identify()

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


def checkpoint_beside(result: Path, identify: Callable[[], str], part: str = "training") -> Checkpoint:
    """The checkpoint of a part of the work that ends in the file `result`."""
    return Checkpoint(result.with_name(f".{part}.checkpoint"), identify)
