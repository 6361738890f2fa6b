"""Prepare the host machine for the workflow: Python on the PATH, GPU count; imports no torch."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from vibhar.errors import InputError


def put_interpreter_first() -> None:
    """Make `python` in the jobs' shells the interpreter that runs Snakemake, in an activated environment or not."""
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


# What a job gets in place of what the user's shell says: UTF-8 whatever the locale is, no modules from the current
# folder, the same order of sets in each process, and figures that need no screen.
GIVEN = {"PYTHONUTF8": "1", "PYTHONSAFEPATH": "1", "PYTHONHASHSEED": "0", "MPLBACKEND": "agg"}
# What a job does not get: options of Python that stop it or change what it computes or prints, files and options that
# each bash reads, and another repository than this one.
TAKEN = (
    *("PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONIOENCODING", "PYTHONINSPECT", "PYTHONDEVMODE", "PYTHONTRACEMALLOC"),
    *("PYTHONVERBOSE", "PYTHONPROFILEIMPORTTIME", "PYTHONDEBUG", "PYTHONASYNCIODEBUG", "PYTHONWARNDEFAULTENCODING"),
    *("BASH_ENV", "SHELLOPTS", "BASHOPTS", "POSIXLY_CORRECT", "MATPLOTLIBRC"),
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"),
)


def clean_environment() -> None:
    """Give all jobs of this process the same environment, whatever the shell is that it was started from.

    What says where things are (PATH, PYTHONPATH, HOME, TMPDIR, TORCH_HOME, proxies) and which devices there are
    (CUDA_VISIBLE_DEVICES) stays. Snakemake sets the numbers of threads (OMP_NUM_THREADS and its like) for each job.
    """
    os.environ.update(GIVEN)
    for name in TAKEN:
        os.environ.pop(name, None)


def count_gpus() -> int:
    """Return 1 if NVIDIA's driver is loaded, else 0. $VIBHAR_GPU overrides it, for clusters. May raise InputError."""
    said = os.environ.get("VIBHAR_GPU")
    if said not in (None, "0", "1"):
        raise InputError(f"$VIBHAR_GPU is {said!r}. Set it to 1 if the jobs run on a machine with a GPU, else to 0.")
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
