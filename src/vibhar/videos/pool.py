"""Decode many clips in worker processes; a decoder that hangs or crashes costs only that clip.

The workers write the frames to files and return only a small record per clip.
"""

import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import TimeoutError
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int
from pebble import ProcessExpired, ProcessPool
from safetensors.numpy import load_file, save_file

from vibhar.videos.content import signature
from vibhar.videos.decoding import SampledFrames, UnreadableClip, read_frames

CLIPS_PER_WORKER = 200  # decord's memory grows with the clips that it has read; a new process starts small


class DecodeTask(NamedTuple):
    """A clip to read, the file for its frames, and a function from the number of frames to the chosen positions.

    `choose` must be picklable; a functools.partial of `sample_indices` is.
    """

    clip: str
    path: Path
    frames_file: Path
    choose: Callable[[int], Int[np.ndarray, "..."]]


class ClipRecord(NamedTuple):
    """The result of decoding one clip: `status` is "ok" or "unreadable"; other facts of an unreadable clip are 0 or "".

    `frames` counts the frames that decode, `fps` is 0 where unknown, sizes are in pixels, as displayed. `content` and
    `signature` are those of `vibhar.videos.content`, the signature of the frames of the first view.
    """

    clip: str
    status: str
    reason: str = ""
    frames: int = 0
    fps: float = 0.0
    width: int = 0
    height: int = 0
    bytes: int = 0
    container: str = ""
    reader: str = ""
    content: str = ""
    signature: str = ""


def decode_clips(tasks: Sequence[DecodeTask], *, workers: int, seconds: float) -> Generator[ClipRecord]:
    """Decode the clips in `workers` processes and yield a record for each, in the order of the tasks.

    A clip that cannot be decoded, takes longer than `seconds` or brings its process down is recorded as unreadable,
    and writes no file. Raises errors that are not the clip's fault: an error in `choose`, a full disk.
    """
    # Without the initializer a worker would import its modules during its first task, and the time limit of the
    # waiting tasks would already run.
    pool = ProcessPool(workers, CLIPS_PER_WORKER, import_module, [__name__], context=get_context("spawn"))
    try:
        records = pool.map(decode_clip, tasks, timeout=seconds).result()
        for task in tasks:
            try:
                yield next(records)
            except TimeoutError:
                yield unreadable(task, f"not decoded within {seconds:g} s")
            except ProcessExpired as error:
                yield unreadable(task, f"the decoder crashed ({describe_exit(error.exitcode)})")
    finally:
        pool.stop()
        pool.join()


def decode_clip(task: DecodeTask) -> ClipRecord:
    """Read one clip's frames and save them; return its record."""
    try:
        frames, facts = read_frames(task.path, task.choose)
    except UnreadableClip as error:
        return unreadable(task, str(error))
    save_frames(frames, task.frames_file)
    seen = signature(frames.pixels[frames.order.reshape(len(frames.order), -1)[0]])
    return ClipRecord(task.clip, "ok", bytes=size_in_bytes(task.path), signature=seen, **facts._asdict())


def unreadable(task: DecodeTask, reason: str) -> ClipRecord:
    """Return the record of a clip that cannot be decoded."""
    return ClipRecord(task.clip, "unreadable", reason, bytes=size_in_bytes(task.path))


def size_in_bytes(path: Path) -> int:
    """Return the file's size; 0 if it is not accessible."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def describe_exit(code: int) -> str:
    """Return how a process ended: the name of the signal if the exit code is negative, else the exit status."""
    return signal.Signals(-code).name if code < 0 else f"exit status {code}"


def save_frames(frames: SampledFrames, file: Path) -> None:
    """Write the frames to a safetensors file, atomically."""
    part = file.with_name(f"{file.name}.part")
    save_file({"pixels": np.ascontiguousarray(frames.pixels), "order": np.ascontiguousarray(frames.order)}, part)
    part.replace(file)


def load_frames(file: Path) -> SampledFrames:
    """Read the frames that `save_frames` wrote."""
    return SampledFrames(**load_file(file))
