"""Prepare the host machine for the workflow: Python on the PATH, GPU count; imports no torch."""

import os
import sys
from pathlib import Path

from vibhar.errors import InputError


def put_interpreter_first() -> None:
    """Make `python` in the jobs' shells the interpreter that runs Snakemake, in an activated environment or not."""
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def count_gpus() -> int:
    """Return 1 if NVIDIA's driver is loaded, else 0. $VIBHAR_GPU overrides it, for clusters. May raise InputError."""
    said = os.environ.get("VIBHAR_GPU")
    if said not in (None, "0", "1"):
        raise InputError(f"$VIBHAR_GPU is {said!r}. Set it to 1 if the jobs run on a machine with a GPU, else to 0.")
    return int(said or Path("/dev/nvidiactl").exists())
