"""Which code and which circumstances made a result."""

import ast
import hashlib
import json
import os
import platform
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

SOURCE = Path(__file__).parents[2]
PACKAGES = ("torch", "torchvision", "decord", "decord2", "av", "opencv-contrib-python-headless", "numpy", "snakemake")


@cache
def code_hash(module: str) -> str:
    """A hash of a module and of all that it imports from the source tree.

    It is taken of the syntax tree without docstrings, so that comments, formatting and time stamps do not count.
    """
    digest = hashlib.sha256()
    for path in sorted(imported_files(module)):
        digest.update(path.relative_to(SOURCE).as_posix().encode())
        digest.update(meaning(path.read_text()).encode())
    return digest.hexdigest()[:16]


@cache
def meaning(code: str) -> str:
    """What a module does, as text: its syntax tree without the docstrings."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(tree)


def imported_files(module: str) -> set[Path]:
    """The files under the source tree that importing `module` reads, its own among them. Raises FileNotFoundError."""
    found: dict[str, Path] = {}
    if not source_file(module):
        raise FileNotFoundError(f"{module} is not a module of {SOURCE}")
    todo = [module]
    while todo:
        name = todo.pop()
        path = source_file(name)
        if path is None or name in found:
            continue
        found[name] = path
        todo += imports(path.read_text()) + ([name.rpartition(".")[0]] if "." in name else [])
    return set(found.values())


@cache
def imports(code: str) -> list[str]:
    """The names that some code imports: modules, and what may be a module or a name in one."""
    names = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.module and not node.level, "only absolute imports can be followed"
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def source_file(module: str) -> Path | None:
    """The file of a module in the source tree."""
    stem = SOURCE.joinpath(*module.split("."))
    return next((path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()), None)


def running_module() -> str:
    """The module that this process was started with, as in `python -m vibhar.stages.<group>.<stage>`; else empty."""
    module = getattr(sys.modules["__main__"], "__spec__", None)
    return module.name if module and module.name.startswith("vibhar.") else ""


def work_identity() -> str:
    """A hash of the arguments of this process, of the files that they name, and of the code that it runs."""
    module = running_module()
    given = [[word, file_identity(word)] for word in sys.argv[1:]]
    return hashlib.sha256(json.dumps([given, code_hash(module) if module else ""]).encode()).hexdigest()


def file_identity(word: str) -> list[int] | None:
    """Size and modification time of an argument that names a file; None for any other argument."""
    try:
        status = Path(word).stat()
    except (OSError, ValueError):  # JSON is an argument too
        return None
    return [status.st_size, status.st_mtime_ns] if Path(word).is_file() else None


def describe_machine() -> dict[str, object]:
    """Commit, versions and processor of this run."""
    return {
        "commit": git("rev-parse", "HEAD"),
        "uncommitted_changes": bool(git("status", "--porcelain", "--untracked-files=no")),
        "python": platform.python_version(),
        "packages": {package: found for package in PACKAGES if (found := installed(package))},
        "processor": processor_name(),
        "cores": os.cpu_count(),
        "gpus": gpu_names(),
    }


def git(*arguments: str) -> str:
    """The output of a git command in this repository; empty outside one."""
    command = ["git", "-C", str(SOURCE.parent), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


@cache
def installed(package: str) -> str | None:
    """The version of an installed package."""
    try:
        return version(package)
    except ModuleNotFoundError:
        return None


def processor_name() -> str:
    """The processor's model where Linux tells it, else its architecture."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def gpu_names() -> list[str]:
    """The models of the GPUs, as NVIDIA's driver tells them; to ask torch would take seconds."""
    told = sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
    return [
        line.partition(":")[2].strip() for file in told for line in file.read_text().splitlines() if "Model" in line
    ]
