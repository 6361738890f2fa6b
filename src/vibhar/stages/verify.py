"""Hold every file below results against its record, the code and the config; name those that do not belong."""

import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from tqdm import tqdm

from vibhar.errors import InputError
from vibhar.records import comparable, find_mismatches
from vibhar.stages import Settings, run

PRINTED = "Shell command: python -m "


def verify(*, snakefile: Path, settings: Settings) -> None:
    """Raise InputError with the files that the current code and the config `settings` would not make as they are."""
    problems = [f"{path}: {problem}" for path, problem in tqdm(find_mismatches(current_commands(snakefile, settings)))]
    print(*problems, sep="\n")
    if problems:
        raise InputError(
            f"{len(problems)} files below results/ do not belong to this config and code; they are listed above. "
            "Delete them and run `snakemake all`, or keep them under another name of `experiment`."
        )
    print("Every file below results/ is what this config and this code make.")


def current_commands(snakefile: Path, settings: Settings) -> set[tuple[str, ...]]:
    """What the config makes from nothing: each stage with its arguments, from a dry run."""
    with TemporaryDirectory() as folder:
        config = Path(folder, "config.yaml")
        config.write_text(yaml.safe_dump(settings))
        program = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile), "--configfile", str(config)]
        command = [*program, "--dry-run", "--forceall", "--printshellcmds", "--cores", "1", "--", "all"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"The config cannot be planned with: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    lines = (done.stdout + done.stderr).splitlines()
    return {stage_of(line.removeprefix(PRINTED)) for line in lines if line.startswith(PRINTED)}


def stage_of(command: str) -> tuple[str, ...]:
    """The module and its arguments, without the log."""
    words = shlex.split(command)
    words = words[: words.index(">")] if ">" in words else words
    return (words[0], *comparable(words[1:]))


if __name__ == "__main__":
    run(verify)
