"""The stages of the workflow: a module each, whose one function reads files and writes files.

A rule calls `python -m vibhar.stages.<stage> --<argument> ...`; `--settings` is JSON and holds all of the config that
the stage reads. Outputs appear under their names only when they are complete.
"""

import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
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


@contextmanager
def complete(path: Path) -> Iterator[Path]:
    """A temporary name to write to; it is renamed to `path` at the end, and removed if the writing fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".partial-{path.name}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(value: object, path: Path) -> None:
    """Indented JSON with a final newline."""
    with complete(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
