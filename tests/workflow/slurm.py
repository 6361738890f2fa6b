"""A real Slurm of one machine, started for a test: munge, slurmctld and slurmd, with two GPUs that are files."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol")
PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
# Snakemake's plugin hides $SLURM_CONF from its jobs, so that the configuration is where all programs look for it.
SYSTEM = Path("/etc/slurm/slurm.conf")

CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
MpiDefault=none
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1
SlurmdParameters=config_overrides
MinJobAge=3600
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=64000 Gres=gpu:2 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def why_not() -> str:
    """Why Slurm cannot be started here; empty where it can."""
    missing = [program for program in PROGRAMS if shutil.which(program, path=PATH) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    if os.geteuid() != 0:
        return "Slurm's daemons are started by root"
    return f"{SYSTEM} is there: this machine has a Slurm of its own" if SYSTEM.exists() else ""


@contextmanager
def cluster(folder: Path) -> Iterator[None]:
    """Slurm while the block runs; its state and its logs are in the folder."""
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    for number in range(2):
        (folder / f"gpu{number}").touch()
    try:
        SYSTEM.parent.mkdir(exist_ok=True)
        SYSTEM.write_text(CONFIGURATION.format(host=socket.gethostname().partition(".")[0], folder=folder))
        (SYSTEM.parent / "gres.conf").write_text(f"Name=gpu File={folder}/gpu[0-1]\n")
        start_munge(folder)
        call("slurmctld")
        call("slurmd")
        yield
    finally:
        subprocess.run(["scancel", "--partition=all"], check=False)
        for daemon in ("slurmd", "slurmctld", "munged"):
            stop(folder / f"{daemon}.pid")
        for name in ("slurm.conf", "gres.conf"):
            (SYSTEM.parent / name).unlink(missing_ok=True)


def start_munge(folder: Path) -> None:
    """Start munge, by which Slurm's programs know each other, with a key and a socket of its own."""
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o600)
    places = {"key-file": "munge.key", "socket": "munge.socket", "pid-file": "munged.pid", "log-file": "munged.log"}
    options = [f"--{option}={folder / name}" for option, name in (places | {"seed-file": "seed"}).items()]
    call("munged", "--force", *options)  # the temporary folder may be writable for all


def call(*command: str) -> str:
    """What a program prints; an error if it fails."""
    environment = os.environ | {"PATH": PATH}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def stop(pid_file: Path) -> None:
    """End a daemon, if it was started."""
    if pid_file.exists():
        subprocess.run(["kill", pid_file.read_text().strip()], check=False)
