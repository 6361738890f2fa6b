"""List all stage commands of a config, by a dry run of Snakemake without existing results."""

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
    """A stage's command: its module, and its arguments without the number of threads."""

    module: str
    arguments: tuple[str, ...]

    @property
    def stage(self) -> str:
        """The name of the stage: the last part of the module's name."""
        return self.module.rpartition(".")[2]

    def option(self, name: str) -> str:
        """Return the first value of an option; empty if the command does not have it."""
        return next(iter(self.options(name)), "")

    def options(self, name: str) -> list[str]:
        """Return all values of an option."""
        after = self.arguments[self.arguments.index(name) + 1 :] if name in self.arguments else ()
        return list(takewhile(lambda word: not word.startswith("--"), after))

    def settings(self) -> dict[str, Any]:
        """Return the part of the config that the stage reads."""
        return json.loads(self.option("--settings") or "{}")

    def replaced(self, **options: str) -> "Command":
        """Return the command with other values for the given options."""
        words = list(self.arguments)
        for name, value in options.items():
            words[words.index(f"--{name}") + 1] = value
        return Command(self.module, tuple(words))


def plan(snakefile: Path, settings: dict[str, Any]) -> set[Command]:
    """Return all commands of the config `settings`. Raises InputError if Snakemake's dry run fails."""
    with TemporaryDirectory() as folder:
        config = Path(folder, "config.yaml")
        config.write_text(yaml.safe_dump(settings, sort_keys=False))  # the order of goals and rows is the user's
        program = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile), "--configfile", str(config)]
        command = [*program, "--dry-run", "--forceall", "--printshellcmds", "--cores", "1", "--", "all"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"Snakemake cannot plan this config: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    lines = (done.stdout + done.stderr).splitlines()
    return {read_command(line.removeprefix(PRINTED)) for line in lines if line.startswith(PRINTED)}


def read_command(line: str) -> Command:
    """Parse a shell command, and drop its log file and number of threads."""
    words = shlex.split(line)
    words = words[: words.index(">")] if ">" in words else words
    return Command(words[0], tuple(comparable(words[1:])))
