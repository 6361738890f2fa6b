"""What the workflow needs of the machine that it runs on; nothing here imports torch."""

import os
import sys
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
