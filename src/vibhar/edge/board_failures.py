"""Explain in one paragraph why a script on a board failed, and how to fix it."""

import errno
import signal
from typing import Any, NamedTuple

from vibhar.edge.ssh import CONNECT_SECONDS, Board

# Messages of OpenSSH, and their meaning; the first message that is found counts.
REFUSALS = {
    "Could not resolve hostname": "no machine of that name is known. Check the name, or give the board's address",
    "Connection refused": "nothing listens on that port. Check it, and switch ssh on there (`sudo raspi-config`)",
    "HOST IDENTIFICATION HAS CHANGED": "its host key is not the known one. If its system is a new one, remove the "
    "old key with `ssh-keygen -R` and connect once by hand; else another machine has its address",
    "Host key verification failed": "its host key is not known here. Connect once by hand, and accept the right key",
    "UNPROTECTED PRIVATE KEY": "ssh does not use a private key that others can read. Run `chmod 600` on its file",
    "Permission denied": "it takes none of the keys. Check the user, and add the public key there with `ssh-copy-id`; "
    "a key with a passphrase must be in the ssh-agent",
    "timed out": f"it did not answer within {CONNECT_SECONDS} s. Check that it is switched on, and its address",
    "No route to host": "no way leads to it. Check that it is switched on, and in this network",
    "Network is unreachable": "no way leads to it. Check this machine's network",
}


class Ending(NamedTuple):
    """The end of an ssh session: exit status, last lines of standard error, last record of each kind."""

    status: int
    errors: list[str]
    said: dict[str, list[Any]]


def describe_failure(board: Board, ending: Ending, task: dict[str, Any]) -> str | None:
    """Return what failed, where, and how to fix it; None if the script succeeded."""
    name = f"{board.user}@{board.host}" if board.user else board.host
    said = ending.said
    if "exit" in said:
        return describe_exit(name, task["script"], said["exit"][0], ending.errors)
    if "error" in said:
        return describe_error(name, task["bytes"], *said["error"])
    if "python" in said and said["python"] < list(task["python"]):
        version, oldest = (".".join(map(str, numbers)) for numbers in (said["python"], task["python"]))
        return f"The board {name} has Python {version}; {oldest} or later is needed. Install it there as `python3`."
    if "python" in said:
        return (
            f"The connection to {name} was lost while {task['script']} was sent or ran, or the board ended it; ssh "
            f"ended with status {ending.status} and said: {last(ending.errors)}. The lines that had come before are "
            "kept. Check the board's power and network, and run this again."
        )
    return describe_no_start(board, name, ending)


def describe_exit(name: str, script: str, status: int, errors: list[str]) -> str | None:
    """Return how the script failed, from its exit status (negative: ended by a signal); None if it succeeded."""
    if status == 0:
        return None
    how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with exit status {status}"
    hint = " It may be short of memory, or have heard nothing from here." if status == -signal.SIGKILL else ""
    return f"{script} {how} on {name}.{hint} The last lines of its standard error:\n" + "\n".join(errors)


def describe_error(name: str, needed: int, number: int | None, text: str, folder: str, free: int) -> str:
    """Return why the folders could not be unpacked, or the script not started."""
    if number in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The board {name} has no room: {needed:,} bytes are needed in {folder}, {free:,} are free. Remove what "
            "is not needed there, or set TMPDIR there to a folder with room."
        )
    return f"The board {name} could not unpack the folders in {folder}, or start the script: {text}. Fix that there."


def describe_no_start(board: Board, name: str, ending: Ending) -> str:
    """Return why Python did not start: ssh does not reach the board, or the board has no Python."""
    if ending.status in (126, 127):
        return f"The board {name} has no python3: {last(ending.errors)}. Install it there (`sudo apt install python3`)."
    said = "\n".join(ending.errors)
    reason = next((meaning for words, meaning in REFUSALS.items() if words in said), None)
    if ending.status == 255 and reason:
        port = f" at port {board.port}" if board.port else ""
        return f"ssh does not reach the board {name}{port}: {reason}. It says: {last(ending.errors)}"
    return (
        f"python3 could not be started on the board {name}; ssh ended with status {ending.status} and said: "
        f"{last(ending.errors)}. Run `ssh {name} python3 --version` by hand, and fix what it reports."
    )


def last(errors: list[str]) -> str:
    """Return the last line that is not empty."""
    return next((line.strip() for line in reversed(errors) if line.strip()), "nothing was said")
