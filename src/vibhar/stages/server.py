"""A server that has imported what the stages import, and forks a process for each stage that is called.

Importing torch and its optimisers takes seconds, which a workflow of hundreds of short trainings would spend each time.
The workflow starts the server and holds the other end of its standard input: the server ends with the workflow. A stage
that was handed over goes on when the server is killed, and later ones run without it.
"""

import atexit
import contextlib
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from vibhar.stages.client import SERVER

# The stages whose runs are short. Those of the small device are few, and import other libraries.
PRELOADED = ("data", "features", "results", "training")
# One thread a library, as a job of one core has; Arrow's own memory pool would start a thread, which forks do not have.
SINGLE = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "GOTO_NUM_THREADS", "NUMEXPR_NUM_THREADS")
ENVIRONMENT = dict.fromkeys(SINGLE, "1") | {"ARROW_DEFAULT_MEMORY_POOL": "system"}


def start(folder: Path) -> None:
    """Start a server for the jobs of this process, which find it through the environment.

    It takes seconds until it listens; stages that are called before run by themselves. It ends with this process.
    """
    address = folder / f"stages-{os.getpid()}.sock"  # relative: a socket's path must be short
    log = (folder / "stages.log").open("w")
    command = [sys.executable, "-m", "vibhar.stages.server", str(address)]
    environment = os.environ | ENVIRONMENT
    server = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment, start_new_session=True
    )
    STARTED.append(server)
    os.environ[SERVER] = str(address)


def stop() -> None:
    """End the server that `start` started last."""
    os.environ.pop(SERVER, None)
    STARTED.pop().communicate()


STARTED: list[subprocess.Popen] = []  # the pipe to its standard input is open for as long as this process lives


def serve(address: str) -> None:
    """Import all stages, then take requests at the socket `address` until standard input ends."""
    import_stages()
    gc.freeze()  # what is there now is shared with all forks, and never collected
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries forks that have ended
    listener = socket.socket(socket.AF_UNIX)
    with contextlib.suppress(FileNotFoundError):
        Path(address).unlink()
    os.umask(0o077)  # nobody else may ask this user's server for anything
    listener.bind(address)
    listener.listen(64)
    watch(0, lambda: end(address))
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            answer(connection)
        connection.close()


def import_stages() -> None:
    """Import the stages of the preloaded groups, and what the first optimiser of a process imports."""
    for group in PRELOADED:
        for path in sorted(Path(__file__).parent.glob(f"{group}/[a-z]*.py")):
            import_module(f"vibhar.stages.{group}.{path.stem}")
    import torch

    torch.optim.AdamW([torch.zeros(1)])


def answer(connection: socket.socket) -> None:
    """In a fork: become the process that has sent a request, run its stage, and send back the exit status."""
    status = 1
    try:
        request = receive_request(connection)
        watch(connection.fileno(), lambda: os.kill(os.getpid(), signal.SIGKILL))
        status = run_stage(**request)
        flush()
        connection.sendall(bytes([status]))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def receive_request(connection: socket.socket) -> dict:
    """The request of a client, whose standard files become those of this process."""
    size, files, _, _ = socket.recv_fds(connection, 8, 3)
    for standard, file in enumerate(files):
        os.dup2(file, standard)
        os.close(file)
    wanted, text = int.from_bytes(size, "big"), b""
    while len(text) < wanted:
        part = connection.recv(wanted - len(text))
        if not part:
            raise ConnectionError("the request was cut off")
        text += part
    return json.loads(text)


def run_stage(module: str, arguments: list[str], folder: str, environment: dict[str, str]) -> int:
    """Run a module as `python -m` does, in the folder and environment of its client; its exit status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    os.environ.pop(SERVER, None)  # what the stage itself starts is no stage of the workflow
    sys.argv = [module, *arguments]
    sys.modules.pop(module, None)  # it runs once more, as the main one
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as leaving:
        return exit_status(leaving.code)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        atexit._run_exitfuncs()
    return 0


def exit_status(code: object) -> int:
    """The status that Python gives `sys.exit(code)`."""
    if code is None or isinstance(code, int):
        return int(code or 0) & 0xFF
    print(code, file=sys.stderr)
    return 1


def flush() -> None:
    """Write out what is printed."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()


def watch(file: int, ended: Callable[[], None]) -> None:
    """Call `ended` in a thread once the other end of a file is closed."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(file, 1):
                pass
        ended()

    threading.Thread(target=wait, daemon=True).start()


def end(address: str) -> None:
    """End the server; its forks go on."""
    Path(address).unlink(missing_ok=True)
    os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[1])
