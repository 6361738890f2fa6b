"""A board on the loopback address: a real OpenSSH server, run by the current user, with keys of its own."""

import getpass
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from vibhar.edge.ssh import Board


class Server(NamedTuple):
    """A server, how it is reached, and the folder that its scripts get their temporary folders in."""

    process: subprocess.Popen[bytes]
    board: Board
    temporary: Path

    def processes(self) -> list[int]:
        """The processes of its sessions, without what they have started."""
        return [pid for pid in descendants(self.process.pid) if command_name(pid).startswith("sshd")]


@contextmanager
def serve(
    folder: Path, temporary: Path | None = None, path: Path | None = None, greeting: str = "true"
) -> Iterator[Server]:
    """Start a server whose sessions greet and find what is on `path` and in TMPDIR, `temporary`; stop it afterwards."""
    sshd = find_sshd()
    temporary = temporary or new_folder(folder / "tmp")
    board = Board("127.0.0.1", free_port(), new_key(folder / "key"), getpass.getuser(), folder / "known_hosts")
    settings = {
        "Port": board.port,
        "ListenAddress": board.host,
        "HostKey": f'"{new_key(folder / "host_key")}"',
        "AuthorizedKeysFile": f'"{folder / "key.pub"}"'.replace("%", "%%"),
        "StrictModes": "no",
        "UsePAM": "no",
        "PidFile": "none",
        # Not SetEnv, which the login shell's own files would override.
        "ForceCommand": f"{greeting}; export {assign(PATH=path or folder_with_python(folder), TMPDIR=temporary)}; "
        'exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"',
    }
    (folder / "sshd_config").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{board.port} {(folder / 'host_key.pub').read_text()}")
    with (folder / "sshd.log").open("wb") as log:
        process = subprocess.Popen([sshd, "-D", "-e", "-f", folder / "sshd_config"], stderr=log)
    try:
        wait_until(lambda: listens(board.port) or process.poll() is not None)
        assert process.poll() is None, (folder / "sshd.log").read_text()
        yield Server(process, board, temporary)
    finally:
        process.terminate()
        process.wait()


def assign(**variables: Path) -> str:
    """A shell's assignments."""
    return " ".join(f"{name}={shlex.quote(str(value))}" for name, value in variables.items())


def find_sshd() -> str:
    """The server's program, ready to run; the test is skipped where there is none."""
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if not sshd or not shutil.which("ssh"):
        pytest.skip("no OpenSSH server and client here; `.ci/packages` installs them")
    if os.getuid() == 0:
        new_folder(Path("/run/sshd"))  # where it wants to lock its children in, which no service has made
    return sshd


def new_key(path: Path) -> Path:
    """A new key pair at `path`."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


def new_folder(path: Path) -> Path:
    """The folder, made where it is missing."""
    path.mkdir(parents=True, exist_ok=True)
    return path


def folder_with_python(folder: Path) -> Path:
    """A folder of programs with nothing but python3."""
    programs = new_folder(folder / "programs")
    (programs / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    return programs


def free_port() -> int:
    """A port of the loopback address that nothing listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


def listens(port: int | None) -> bool:
    """Whether something listens on the port."""
    with closing(socket.socket()) as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Wait for the condition, and fail where it does not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds:g} s"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that only its parent has not noticed yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def command_name(pid: int) -> str:
    """The name of the process's program."""
    return Path(f"/proc/{pid}/comm").read_text().strip()


def descendants(pid: int) -> list[int]:
    """The children of a process, and theirs."""
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return children + [other for child in children for other in descendants(child)]
