"""A Raspberry Pi 3's processor where there is none: Debian's Python for arm64 in a folder, under qemu as a Cortex-A53.

It tells which programs start there and what they compute, and nothing of how fast they are.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from tests.conftest import REPOSITORY

QEMU = ["qemu-aarch64-static", "-cpu", "cortex-a53"]
COMPILER = ["aarch64-linux-gnu-gcc", "-O3", "-mcpu=cortex-a53", "-static"]
PACKAGES = ["python3", "libstdc++6"]  # of Debian, with all that they depend on
WHEELS = ["numpy", "onnxruntime"]  # as the lock has them


class Aarch64(NamedTuple):
    """A folder with Debian's Python in `root` and wheels beside it, and what runs it."""

    folder: Path

    def python(self, arguments: Sequence[str | Path], cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run Python in `cwd`."""
        root = self.folder / "root"
        environment = os.environ | {"PYTHONPATH": str(self.folder / "wheels")}
        command = [*QEMU, "-L", root, root / "usr/bin/python3", *arguments]
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def build(cache: Path) -> Aarch64:
    """The folder, which is built where the cache does not have it; the test is skipped where that cannot be done."""
    require("qemu-aarch64-static", "apt-get", "dpkg")
    locked = locked_lines(WHEELS)
    folder = cache / hashlib.sha256("".join([*PACKAGES, locked]).encode()).hexdigest()[:16]
    if not folder.exists():
        with TemporaryDirectory(dir=cache) as temporary:
            made = Path(temporary, "made")
            install_packages(made / "root", Path(temporary))
            install_wheels(made, Path(temporary, "locked.txt"), locked)
            made.rename(folder)
    return Aarch64(folder)


def require(*programs: str) -> None:
    """Skip the test where a program is missing."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        pytest.skip(f"no {', '.join(missing)} here; `.ci/packages` installs what Debian has")


def locked_lines(names: Sequence[str]) -> str:
    """The lines of the lock for these distributions, with their hashes."""
    pattern = rf"^(?:{'|'.join(names)})==(?:.*\\\n)*.*\n"
    return "".join(re.findall(pattern, (REPOSITORY / "requirements.txt").read_text(), re.M))


def install_packages(root: Path, temporary: Path) -> None:
    """Unpack Debian's packages for arm64 to `root`; apt keeps its lists in `temporary` and leaves the system alone."""
    settings = {
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "APT::Sandbox::User": "root",  # another user could not write here
        "Acquire::Languages": "none",
        "Debug::NoLocking": "1",
        "Dir::Cache": f"{temporary}/cache",
        "Dir::State::Lists": f"{temporary}/lists",
        "Dir::State::status": f"{temporary}/status",
    }
    for made in ("cache/archives/partial", "lists/partial"):
        (temporary / made).mkdir(parents=True)
    (temporary / "status").touch()
    apt_get = ["apt-get", *(word for name, value in settings.items() for word in ("-o", f"{name}={value}"))]
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "--download-only", *PACKAGES]):
        done = subprocess.run([*apt_get, *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"apt-get has no {' and '.join(PACKAGES)} for arm64: {done.stderr.strip()}")
    root.mkdir(parents=True)
    for package in (temporary / "cache/archives").glob("*.deb"):
        subprocess.run(["dpkg", "--extract", package, root], check=True)


def install_wheels(folder: Path, locked: Path, lines: str) -> None:
    """Install the wheels beside the root, for its Python."""
    locked.write_text(lines)
    version = (folder / "root/usr/bin/python3").readlink().name.removeprefix("python")
    uv = [str(Path(sys.executable).parent / "uv"), "pip", "install", "--no-config", "--quiet", "--no-deps"]
    what = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(locked)]
    machine = ["--python-platform", "aarch64-manylinux_2_28", "--python-version", version]
    subprocess.run([*uv, *what, *machine, "--target", str(folder / "wheels")], check=True)


def run_program(sources: Sequence[Path], arguments: Sequence[str], given: bytes) -> bytes:
    """Compile sources of one folder for the processor, without libraries that could be missing, and run them there.

    `given` is their standard input; what they write to standard output is returned.
    """
    require(QEMU[0], COMPILER[0])
    folder = sources[0].parent
    names = [source.name for source in sources]
    subprocess.run([*COMPILER, *names, "-o", "program-aarch64", "-lm"], cwd=folder, check=True)
    command = [*QEMU, str(folder / "program-aarch64"), *arguments]
    return subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True).stdout
