"""A Raspberry Pi 3's processor where there is none: Debian's Python for arm64 in a folder, under qemu as a Cortex-A53.

It tells which programs start there and what they compute, and nothing of how fast they are.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.conftest import REPOSITORY

QEMU = ["qemu-aarch64-static", "-cpu", "cortex-a53"]
COMPILER = ["aarch64-linux-gnu-gcc", "-O3", "-mcpu=cortex-a53", "-static"]
PACKAGES = ["python3", "libstdc++6"]  # of Debian, with all that they depend on
WHEELS = ["numpy", "onnxruntime"]  # as the lock has them
PYTHON = f"""#!/bin/sh
here=${{0%/*}}/..
PYTHONPATH="$here/wheels" exec /usr/bin/{" ".join(QEMU)} -L "$here/root" "$here/root/usr/bin/python3" "$@"
"""


def build_python(cache: Path) -> Path:
    """The program `python3` in a folder of its own, built where the cache does not have it.

    The test is skipped where that cannot be done.
    """
    require(QEMU[0], "apt-get", "dpkg")
    locked = locked_lines(WHEELS)
    folder = cache / hashlib.sha256("".join([*PACKAGES, PYTHON, locked]).encode()).hexdigest()[:16]
    if not folder.exists():
        with TemporaryDirectory(dir=cache) as temporary:
            made = Path(temporary, "made")
            install_packages(made / "root", Path(temporary))
            install_wheels(made, Path(temporary, "locked.txt"), locked)
            write_program(made / "bin" / "python3", PYTHON)
            made.rename(folder)
    return folder / "bin" / "python3"


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


def write_program(path: Path, text: str) -> None:
    """Write a script that can be run."""
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(0o755)


def compile_arm(*sources: Path) -> list[str]:
    """The command that runs files of C and assembly, compiled in their folder, statically: no library is missing."""
    require(QEMU[0], COMPILER[0])
    folder = sources[0].parent
    subprocess.run([*COMPILER, *sources, "-o", "program-aarch64", "-lm"], cwd=folder, check=True)
    return [*QEMU, str(folder / "program-aarch64")]


def run_arm(command: Sequence[str | Path], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run what `build_python` or `compile_arm` made, with its arguments, in `cwd`."""
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
