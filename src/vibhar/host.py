"""What the workflow needs of the machine that it runs on; nothing here imports torch."""

import os
import sys
from pathlib import Path


def put_interpreter_first() -> None:
    """Make `python` in the jobs' shells the interpreter that runs Snakemake, activated or not."""
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def count_gpus() -> int:
    """1 where NVIDIA's driver is loaded, else 0."""
    return int(Path("/dev/nvidiactl").exists())
