"""Hand a stage over to the server that has its imports done, if there is one; import nothing slow.

`python -m vibhar.stages.<group>.<stage>` imports this first. Without a server, or with one that is gone, Python goes on
and runs the stage itself. Either way the stage ends once the workflow is gone: a killed Snakemake leaves its jobs
running, which would write beside those of the next run.
"""

import json
import os
import socket
import sys
import threading
import time
from pathlib import Path

SERVER = "VIBHAR_STAGE_SERVER"  # the environment variable with the server's socket
PATIENCE = 0.5  # seconds between two looks at whether the workflow still lives


def hand_over() -> None:
    """Let the server run the stage that this process was started for, and end with its exit status.

    Returns where this process has to run it: where there is no server, or where the stage may use several threads, as
    the server's libraries have one.
    """
    if sys.argv[0] != "-m":  # Python was started with something else, or this is a fork of the server
        return
    if connection := connect():
        os._exit(wait_for_status(connection))
    threading.Thread(target=die_with_the_workflow, daemon=True).start()


def connect() -> socket.socket | None:
    """The connection to a server that has got the request; None where there is none to be had."""
    if SERVER not in os.environ or os.environ.get("OMP_NUM_THREADS") != "1":
        return None
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(os.environ[SERVER])
        send_request(connection)
    except OSError:
        connection.close()
        return None
    return connection


def send_request(connection: socket.socket) -> None:
    """Send this process's module, arguments, folder and environment, and the files that it reads and writes."""
    module = sys.orig_argv[sys.orig_argv.index("-m") + 1]
    arguments = sys.orig_argv[sys.orig_argv.index("-m") + 2 :]
    request = {"module": module, "arguments": arguments, "folder": str(Path.cwd()), "environment": dict(os.environ)}
    text = json.dumps(request).encode()
    socket.send_fds(connection, [len(text).to_bytes(8, "big")], [0, 1, 2])
    connection.sendall(text)


def wait_for_status(connection: socket.socket) -> int:
    """The exit status of the stage; 1 where it died without one, or where the workflow has died."""
    parents = family()
    connection.settimeout(PATIENCE)
    while family() == parents:
        try:
            status = connection.recv(1)
        except TimeoutError:
            continue
        except OSError:
            return 1
        if not status:
            print("The process of this stage was killed.", file=sys.stderr)
        return status[0] if status else 1
    return 1


def die_with_the_workflow() -> None:
    """End this process once what has started it is gone."""
    parents = family()
    while family() == parents:
        time.sleep(PATIENCE)
    os._exit(1)


def family() -> tuple[int, int | None]:
    """The parent of this process, a shell, and the parent of that, Snakemake."""
    return os.getppid(), parent_of(os.getppid())


def parent_of(process: int) -> int | None:
    """The number of a process's parent where the system tells it."""
    try:
        return int(Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[1])
    except OSError:
        return None
