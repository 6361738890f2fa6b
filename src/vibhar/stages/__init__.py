"""The stages of the workflow: a module each, whose one function reads files and writes files.

A rule calls `python -m vibhar.stages.<stage> --<argument> ...`; `--settings` is JSON and holds all of the config that
the stage reads.
"""

import json
import sys
import textwrap
from collections.abc import Callable
from typing import Any

import defopt

from vibhar.errors import InputError

Settings = dict[str, Any]


def run(stage: Callable[..., None]) -> None:
    """Call `stage` with the arguments of the command line; what is the user's to mend ends in one paragraph."""
    try:
        defopt.run(stage, parsers={Settings: json.loads}, short={})
    except InputError as error:
        sys.exit("\n" + textwrap.fill(str(error), 110, break_long_words=False, break_on_hyphens=False) + "\n")
