"""Run a script on a board over OpenSSH, with copies of local folders, and stream its output lines.

No shell sees a name or an argument: the remote command is constant, and everything else is sent on standard input.
"""

import inspect
import json
import tarfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import IO, Any

from vibhar.edge import on_board
from vibhar.edge.board_failures import Ending, describe_failure
from vibhar.edge.ssh import Board, open_session
from vibhar.errors import InputError

OLDEST_PYTHON = (3, 9)
REMOTE = 'python3 -c "import sys; exec(sys.stdin.buffer.read(int(sys.stdin.buffer.readline())))"'
BEAT_SECONDS = 5.0  # between two heartbeats
SILENCE_SECONDS = 30.0  # without a heartbeat, after which the board cleans up


def run_on_board(board: Board, folders: Sequence[Path], script: str, arguments: Sequence[str]) -> Generator[str]:
    """Run `python3 script arguments` on the board, in a fresh folder with copies of `folders`, and yield its lines.

    `script` is a path in that folder: <name of one of the folders>/<path in it>. Its standard error is copied to ours.
    Nothing stays on the board, however this ends; closing the generator early ends the script. Raises InputError if
    the board cannot be reached or used, the script fails, or the connection is lost; lines that arrived before are
    yielded first.
    """
    check_folders(folders)
    said: dict[str, list[Any]] = {}
    task = {
        "python": OLDEST_PYTHON,
        "bytes": count_bytes(folders),
        "script": script,
        "arguments": list(arguments),
        "silence": SILENCE_SECONDS,
    }
    with open_session(board, REMOTE) as (process, errors):
        assert process.stdin and process.stdout
        send(process.stdin, task, folders)
        with signs_of_life(process.stdin):
            for kind, *values in read_records(process.stdout):
                if kind == "line":
                    yield values[0]
                else:
                    said[kind] = values
    failure = describe_failure(board, Ending(process.returncode, list(errors), said), task)
    if failure:
        raise InputError(failure)


def check_folders(folders: Sequence[Path]) -> None:
    """Raise InputError if a path is not a folder, or two folders have the same name."""
    names = [folder.resolve().name for folder in folders]
    for folder, name in zip(folders, names, strict=True):
        if not folder.is_dir():
            raise InputError(f"{str(folder)!r} is to go to the board, and is not a folder. Check the path.")
        if names.count(name) > 1:
            raise InputError(f"Two folders of the name {name!r} are to go to the board. Rename one of them.")


def count_bytes(folders: Sequence[Path]) -> int:
    """Return the size of all files in the folders, in bytes."""
    return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())


def send(stream: IO[bytes], task: dict[str, Any], folders: Sequence[Path]) -> None:
    """Send the program `on_board` with its size, the task as a line of JSON, and the folders as a tar stream."""
    program = inspect.getsource(on_board).encode()
    with suppress(BrokenPipeError):  # the records, or ssh, tell why the other side has ended
        stream.write(b"%d\n%b%b\n" % (len(program), program, json.dumps(task).encode()))
        with tarfile.open(fileobj=stream, mode="w|", dereference=True) as archive:
            for folder in folders:
                archive.add(folder, folder.resolve().name)
        stream.flush()


@contextmanager
def signs_of_life(stream: IO[bytes]) -> Iterator[None]:
    """Send a byte (heartbeat) every few seconds, so that the board knows that the connection is alive."""
    done = Event()

    def beat() -> None:
        with suppress(OSError):
            while not done.wait(BEAT_SECONDS):
                stream.write(b"\n")
                stream.flush()

    thread = Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def read_records(stream: IO[bytes]) -> Iterator[list[Any]]:
    """Yield the records that the board sends; output of its login shell and truncated records are skipped."""
    for line in stream:
        _, mark, record = line.partition(b"\x1e")
        if mark and record.endswith(b"\n"):
            yield json.loads(record)
