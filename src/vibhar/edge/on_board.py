"""Program that runs on a board: it runs a script in a temporary folder and always cleans up.

`board` sends this file over ssh's standard input, then a line of JSON, a tar stream of folders, and a heartbeat byte
every few seconds. This program answers with one record per line: the record separator and a JSON array (RFC 7464). It
needs only Python's standard library. Its syntax is valid in any Python 3, so that an old version can report itself.
"""

import contextlib
import errno
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
from pathlib import Path
from typing import Any


def main() -> None:
    """Unpack the folders, run the script and report, as the line of JSON on standard input says."""
    task = json.loads(sys.stdin.buffer.readline().decode())
    tell("python", *sys.version_info[:3])
    if list(sys.version_info[:2]) < task["python"]:
        return
    for signum in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, leave)
    place = os.environ.get("TMPDIR") or "/tmp"
    try:
        with tempfile.TemporaryDirectory(prefix="vibhar-", dir=place) as folder:
            unpack(folder, task["bytes"])
            command = ["python3", str(Path(folder, task["script"])), *task["arguments"]]
            status = run(folder, command, task["silence"])
        tell("exit", status)
    except OSError as error:
        tell("error", error.errno, str(error), place, shutil.disk_usage(place).free)


def tell(*record: Any) -> None:
    """Send a record to the host."""
    sys.stdout.write("\x1e" + json.dumps(record) + "\n")
    sys.stdout.flush()


def leave(signum: int, frame: Any) -> None:
    """End at a signal through all `finally` clauses; further signals are ignored."""
    for later in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(later, signal.SIG_IGN)
    raise SystemExit(128 + signum)


def unpack(folder: str, size: int) -> None:
    """Unpack the tar stream, whose files have `size` bytes in total. Raises OSError if the disk is full."""
    if shutil.disk_usage(folder).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), folder)
    with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(folder)


def run(folder: str, command: list, silence: float) -> int:
    """Run a command in `folder`, send its lines, end all processes that it started, and return its exit status."""
    environment = dict(os.environ, PYTHONUNBUFFERED="1", PYTHONUTF8="1")
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            threading.Thread(target=watch, args=(process.pid, silence), daemon=True).start()
            for line in process.stdout or []:
                tell("line", line.decode("utf-8", "replace").rstrip("\r\n"))
            return process.wait()
        finally:
            kill(process.pid)


def watch(group: int, silence: float) -> None:
    """Kill the process group if no heartbeat arrives for `silence` seconds, or standard input is closed."""
    while select.select([0], [], [], silence)[0] and os.read(0, 1 << 16):
        pass
    kill(group)


def kill(group: int) -> None:
    """Kill all processes of the group, if any are left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
