"""The stages of the workflow: a module each, whose one function reads files and writes files.

A rule calls `python -m vibhar.stages.<stage> --<argument> ...`; `--settings` is JSON and holds all of the config that
the stage reads.
"""

import json
import os
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import defopt

from vibhar.errors import InputError

Settings = dict[str, Any]


def run(stage: Callable[..., None]) -> None:
    """Call `stage` with the arguments of the command line; what is the user's to mend ends in one paragraph."""
    threading.Thread(target=die_with_the_workflow, daemon=True).start()
    try:
        defopt.run(stage, parsers={Settings: json.loads}, short={})
    except InputError as error:
        sys.exit("\n" + textwrap.fill(str(error), 110, break_long_words=False, break_on_hyphens=False) + "\n")


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
