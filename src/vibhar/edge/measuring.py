"""Run the programs of bundles on this machine or on a board, and read their events (lines of JSON).

Every line is an event: `machine` (before and after), `agreement` or `missing` (a bundle in a runtime), `samples`
(nanoseconds of queries), `memory`, `part` (of the pipeline from a video to a label), `done`.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import imageio_ffmpeg

from vibhar.edge.board import run_on_board
from vibhar.edge.ssh import Board
from vibhar.errors import InputError

Event = dict[str, Any]


def run_bundles(folders: list[Path], script: str, arguments: list[str], board: Board | None) -> Iterator[str]:
    """Run `script` with copies of `folders` on a board, or here if `board` is None, and yield the lines it prints.

    `script` and `arguments` name the folders as siblings. Raises InputError if the script fails.
    """
    if board is not None:
        yield from run_on_board(board, folders, script, arguments)
        return
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as messages:
        command = [sys.executable, script, *arguments]
        process = subprocess.Popen(
            command, cwd=folders[0].parent, stdout=subprocess.PIPE, stderr=messages, text=True, encoding="utf-8"
        )
        assert process.stdout is not None
        yield from process.stdout
        if process.wait():
            messages.seek(0)
            raise InputError(f"{script} failed on this machine: {messages.read().strip()[-1000:]}")


def keep(lines: Iterable[str], journal: Path) -> list[Event]:
    """Read the events in `lines`, and write each to `journal` at once, so that an interrupted run is not lost.

    Raises InputError, which names the journal, if the lines end in an error.
    """
    events = []
    journal.parent.mkdir(parents=True, exist_ok=True)
    with journal.open("a") as stream:
        try:
            for line in lines:
                stream.write(line.rstrip("\n") + "\n")
                stream.flush()
                events.append(json.loads(line))
        except InputError as error:
            raise InputError(f"{error} What was measured until then is kept in {journal}.") from error
    return events


def ffmpeg_here() -> str:
    """The machine's own ffmpeg where there is one that runs, or the one that is installed with this project."""
    own = shutil.which("ffmpeg")
    if own and not subprocess.run([own, "-version"], capture_output=True).returncode:
        return own
    return imageio_ffmpeg.get_ffmpeg_exe()
