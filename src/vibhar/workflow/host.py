"""What the workflow needs of the machine that it runs on; nothing here imports torch."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from vibhar.errors import InputError


def put_interpreter_first() -> None:
    """Make `python` in the jobs' shells the interpreter that runs Snakemake, activated or not."""
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def count_gpus() -> int:
    """1 where NVIDIA's driver is loaded, else 0; $VIBHAR_GPU says it for a cluster, whose head node may have none."""
    said = os.environ.get("VIBHAR_GPU")
    if said not in (None, "0", "1"):
        raise InputError(f"$VIBHAR_GPU is {said!r}, but can only be 1, where the jobs find a GPU, or 0.")
    return int(said or Path("/dev/nvidiactl").exists())


def typed_cores(command: Sequence[str]) -> int | None:
    """The cores that a `snakemake` command asks for, by --cores, --jobs or a profile of the user's; None for none.

    The profile of this repository says `cores: all`. Snakemake takes --jobs for an alias of --cores only where no
    profile gives any cores, so that this profile would win over what was typed.
    """
    if Path(command[0]).parent.name != "snakemake" and Path(command[0]).name != "snakemake":
        return None  # another program that uses Snakemake as a library
    from snakemake.cli import get_argument_parser

    typed = get_argument_parser().parse_known_args(command[1:])[0]
    if typed.profile and typed.profile != ["none"]:
        typed = get_argument_parser(profiles=typed.profile).parse_known_args(command[1:])[0]
    return typed.jobs if typed.cores is None else typed.cores
