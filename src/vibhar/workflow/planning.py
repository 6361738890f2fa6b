"""What a config makes: each stage with its arguments, as Snakemake plans it from nothing."""

import json
import shlex
import subprocess
import sys
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import yaml

from vibhar.errors import InputError
from vibhar.workflow.records import comparable

PRINTED = "Shell command: python -m "


class Command(NamedTuple):
    """A call of a stage: its module, and its arguments without the number of threads."""

    module: str
    arguments: tuple[str, ...]

    @property
    def stage(self) -> str:
        """The module's last name."""
        return self.module.rpartition(".")[2]

    def option(self, name: str) -> str:
        """The argument of an option; empty where the command has none of that name."""
        return next(iter(self.options(name)), "")

    def options(self, name: str) -> list[str]:
        """All arguments of an option."""
        after = self.arguments[self.arguments.index(name) + 1 :] if name in self.arguments else ()
        return list(takewhile(lambda word: not word.startswith("--"), after))

    def settings(self) -> dict[str, Any]:
        """What the stage reads of the config."""
        return json.loads(self.option("--settings") or "{}")

    def replaced(self, **options: str) -> "Command":
        """The same with other arguments of some options."""
        words = list(self.arguments)
        for name, value in options.items():
            words[words.index(f"--{name}") + 1] = value
        return Command(self.module, tuple(words))


def plan(snakefile: Path, settings: dict[str, Any]) -> set[Command]:
    """All commands of a config. Raises InputError where it cannot be planned with."""
    with TemporaryDirectory() as folder:
        config = Path(folder, "config.yaml")
        config.write_text(yaml.safe_dump(settings, sort_keys=False))  # the order of goals and rows is the user's
        program = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile), "--configfile", str(config)]
        command = [*program, "--dry-run", "--forceall", "--printshellcmds", "--cores", "1", "--", "all"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"The config cannot be planned with: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    lines = (done.stdout + done.stderr).splitlines()
    return {read_command(line.removeprefix(PRINTED)) for line in lines if line.startswith(PRINTED)}


def read_command(line: str) -> Command:
    """A command without its log."""
    words = shlex.split(line)
    words = words[: words.index(">")] if ">" in words else words
    return Command(words[0], tuple(comparable(words[1:])))
