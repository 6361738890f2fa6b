"""Run a stage from the command line, with arguments from its function's signature, and report errors."""

import errno
import json
import re
import sys
import textwrap
import time
from collections.abc import Callable
from typing import Any

import defopt

from vibhar.errors import InputError
from vibhar.workflow.provenance import running_module
from vibhar.workflow.records import record_work

Settings = dict[str, Any]


def run(stage: Callable[..., None]) -> None:
    """Call `stage` with the command line's arguments; errors that the user can fix end in one paragraph."""
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


# Error numbers of files that cannot be written, and what the user can do.
UNWRITABLE = {
    errno.ENOSPC: "The disk is full. Make room, or make `results` a link to a folder on a larger disk",
    errno.EDQUOT: "The disk quota is used up. Make room, or make `results` a link to a folder on another disk",
    errno.EROFS: "The disk is mounted for reading only. Mount it for writing, or make `results` a link to another one",
    errno.EACCES: "This user may not write there, or not read it. Give the permission, or run this as another user",
}


def system_error(error: BaseException | None) -> int | None:
    """Return the errno behind an exception, None if there is none; safetensors has it only in its text."""
    while error is not None:
        if isinstance(error, OSError):
            return error.errno
        if told := re.search(r"\(os error (\d+)\)", str(error)):
            return int(told[1])
        error = error.__cause__ or error.__context__
    return None


def cannot_write(error: Exception, helps: str) -> str:
    """Return a message that names the file, if the error does, and says what helps."""
    file = getattr(error, "filename", None) or "A file of this stage cannot be written"
    return f"{file}: {helps}, and run this again; what is finished stays."


def paragraph(text: str) -> str:
    """Return a message wrapped to lines, between empty lines."""
    return "\n" + textwrap.fill(text, 110, break_long_words=False, break_on_hyphens=False) + "\n"
