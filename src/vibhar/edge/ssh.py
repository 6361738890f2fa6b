"""Open an OpenSSH session to a board, independent of interfering options in the user's config."""

import re
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import IO, NamedTuple

from vibhar.errors import InputError

CONNECT_SECONDS = 15
CLOSING_SECONDS = 10  # for the board to clean up before ssh is killed
NAME = re.compile(r"[\w:][\w.:@%+-]*")  # no option, and nothing that the shell of a ProxyCommand would interpret
OPTIONS = {
    "IgnoreUnknown": "ForkAfterAuthentication,SessionType,StdinNull",  # older than OpenSSH 8.7
    "BatchMode": "yes",  # fails where it would ask
    "LogLevel": "INFO",  # says why it fails, closed connections included
    "ServerAliveInterval": "5",
    "ServerAliveCountMax": "4",
    "ControlMaster": "no",  # a master would outlive its session
    "ControlPath": "none",
    "ClearAllForwardings": "yes",
    "PermitLocalCommand": "no",
    "RemoteCommand": "none",
    "ForkAfterAuthentication": "no",
    "SessionType": "default",
    "StdinNull": "no",
}


class Board(NamedTuple):
    """The address of a machine. Fields that are None, and the check of host keys, follow the user's OpenSSH config.

    `known_hosts` replaces the user's file of known host keys; the system's file is read as well.
    """

    host: str
    port: int | None = None
    key: Path | None = None
    user: str | None = None
    known_hosts: Path | None = None


class Session(NamedTuple):
    """A running ssh, and the last lines of its standard error."""

    process: subprocess.Popen[bytes]
    errors: deque[str]


def ssh_command(board: Board) -> list[str]:
    """Return the ssh command line, without the remote command. Raises InputError for names that ssh could misread."""
    check(board)
    options = OPTIONS | {"ConnectTimeout": str(CONNECT_SECONDS)}
    if board.port is not None:
        options["Port"] = str(board.port)
    if board.user is not None:
        options["User"] = board.user
    if board.key is not None:
        options |= {"IdentityFile": quote(board.key), "IdentitiesOnly": "yes"}
    if board.known_hosts is not None:
        options["UserKnownHostsFile"] = quote(board.known_hosts)
    settings = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    return ["ssh", "-T", "-a", "-x", *settings, "--", board.host]


def check(board: Board) -> None:
    """Raise InputError for an invalid host or user name, a port out of range, or a missing key file."""
    for what, name in (("host", board.host), ("user", board.user)):
        if name is not None and not NAME.fullmatch(name):
            raise InputError(
                f"The board's {what} is {name!r}, which cannot be given to ssh. Names have letters, digits, "
                "and . _ @ : % + - alone, and start with a letter or digit; port and key have settings of their own."
            )
    if board.port is not None and not 0 < board.port < 1 << 16:
        raise InputError(f"The board's port is {board.port}. Give one from 1 to 65535; ssh's is 22.")
    if board.key is not None and not board.key.is_file():
        raise InputError(f"The key {board.key} for the board is not a file. Make one with `ssh-keygen -f {board.key}`.")


def quote(path: Path) -> str:
    """Quote a path for an OpenSSH option. Raises InputError for characters that cannot be quoted."""
    text = str(path.absolute())
    if re.search(r'["\\\x00-\x1f\x7f]|\$\{', text):
        raise InputError(
            f"The path {text!r} has a quote, a backslash, ${{ or a control character, which OpenSSH's options cannot "
            "hold. Copy or link the file to a plainer path, and give that."
        )
    return '"' + text.replace("%", "%%") + '"'


@contextmanager
def open_session(board: Board, remote: str) -> Iterator[Session]:
    """Run the remote command in the board's login shell; on exit close the connection and wait until ssh has ended.

    Raises InputError if ssh is not installed, and for names and paths that it could misread.
    """
    command, pipe = [*ssh_command(board), remote], subprocess.PIPE
    try:
        # In its own session, so that Ctrl-C does not end it before the board has been told to clean up.
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)
    except FileNotFoundError as error:
        raise InputError("There is no ssh here. Install it with `apt-get install openssh-client`.") from error
    session = Session(process, deque(maxlen=20))
    reader = Thread(target=pass_on, args=(process.stderr, session.errors), daemon=True)
    reader.start()
    try:
        yield session
    finally:
        hang_up(process)
        reader.join(timeout=1)  # a program that ssh has started may keep it open


def hang_up(process: subprocess.Popen[bytes]) -> None:
    """Close both pipes, and wait until ssh has ended; kill it after `CLOSING_SECONDS`."""
    for stream in (process.stdin, process.stdout):
        with suppress(OSError):
            assert stream
            stream.close()
    try:
        process.wait(CLOSING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def pass_on(stream: IO[bytes], errors: deque[str]) -> None:
    """Copy ssh's standard error to ours, and keep its last lines in `errors`."""
    for line in stream:
        errors.append(line.decode("utf-8", "replace").rstrip())
        print(errors[-1], file=sys.stderr, flush=True)
