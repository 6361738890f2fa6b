"""The command line of every stage, from the signature of its function; and how a stage that fails says so."""

import errno
import json
import os
import re
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import defopt

from vibhar.errors import InputError
from vibhar.workflow.provenance import running_module
from vibhar.workflow.records import record_work

Settings = dict[str, Any]


def run(stage: Callable[..., None]) -> None:
    """Call `stage` with the arguments of the command line; what is the user's to mend ends in one paragraph."""
    threading.Thread(target=die_with_the_workflow, daemon=True).start()
    begun = time.time()
    try:
        defopt.run(stage, parsers={Settings: json.loads}, short={})
        record_work(running_module(), sys.argv[1:], begun)
    except InputError as error:
        sys.exit(paragraph(str(error)))
    except Exception as error:
        helps = UNWRITABLE.get(system_error(error) or 0)
        if helps is None:
            raise
        sys.exit(paragraph(cannot_write(error, helps)))


# What the system says where a file cannot be written, and what helps.
UNWRITABLE = {
    errno.ENOSPC: "The disk is full. Make room, or make `results` a link to a folder on a larger disk",
    errno.EDQUOT: "The disk quota is used up. Make room, or make `results` a link to a folder on another disk",
    errno.EROFS: "The disk is mounted for reading only. Mount it for writing, or make `results` a link to another one",
    errno.EACCES: "This user may not write there, or not read it. Give the permission, or run this as another user",
}


def system_error(error: BaseException | None) -> int | None:
    """The number of the system's error behind an exception; safetensors tells it in its text only."""
    while error is not None:
        if isinstance(error, OSError):
            return error.errno
        if told := re.search(r"\(os error (\d+)\)", str(error)):
            return int(told[1])
        error = error.__cause__ or error.__context__
    return None


def cannot_write(error: Exception, helps: str) -> str:
    """Which file it is, where the error says it, and what helps."""
    file = getattr(error, "filename", None) or "A file of this stage cannot be written"
    return f"{file}: {helps}, and run this again; what is finished stays."


def paragraph(text: str) -> str:
    """A message between empty lines."""
    return "\n" + textwrap.fill(text, 110, break_long_words=False, break_on_hyphens=False) + "\n"


def die_with_the_workflow() -> None:
    """End this process once what has started it is gone.

    A killed Snakemake leaves its jobs running; they would write beside those of the next run, or after them.
    """
    parent = os.getppid()
    grandparent = parent_of(parent)
    while os.getppid() == parent and parent_of(parent) == grandparent:  # a shell, and Snakemake
        time.sleep(0.5)
    os._exit(1)


def parent_of(process: int) -> int | None:
    """The parent's number where the system tells it."""
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None
