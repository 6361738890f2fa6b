"""Stage: verify every file below results against its record, the code and the config."""

from pathlib import Path

from tqdm import tqdm

from vibhar.errors import InputError
from vibhar.stages.command import Settings, run
from vibhar.workflow.planning import plan
from vibhar.workflow.records import find_mismatches


def verify(*, snakefile: Path, settings: Settings) -> None:
    """Print the files that the current code and config would not make as they are; raise InputError if any."""
    commands = {(command.module, *command.arguments) for command in plan(snakefile, settings)}
    problems = [f"{path}: {problem}" for path, problem in tqdm(find_mismatches(commands))]
    print(*problems, sep="\n")
    if problems:
        raise InputError(
            f"{len(problems)} files below results/ do not belong to this config and code; they are listed above. "
            "Delete them and run `snakemake all`, or keep them under another name of `experiment`."
        )
    print("Every file below results/ is what this config and this code make.")


if __name__ == "__main__":
    run(verify)
