"""Hash the code of a stage, and describe commit, versions and machine of a run."""

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
PACKAGES = (
    *("torch", "torchvision", "decord", "decord2", "av", "opencv-contrib-python-headless", "numba", "numpy"),
    "snakemake",
)


@cache
def code_hash(module: str) -> str:
    """Return a hash of a module and of everything that it imports from the source tree.

    It hashes the syntax trees without docstrings, so that comments, formatting and time stamps do not change it.
    """
    digest = hashlib.sha256()
    for path in sorted(imported_files(module)):
        digest.update(path.relative_to(SOURCE).as_posix().encode())
        digest.update(meaning(path.read_text("utf-8")).encode())
    return digest.hexdigest()[:16]


@cache
def meaning(code: str) -> str:
    """Return a module's syntax tree without docstrings, as text."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(tree)


def imported_files(module: str) -> set[Path]:
    """Return all source files that importing `module` reads, its own included. Raises FileNotFoundError."""
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
        todo += imports(path.read_text("utf-8")) + ([name.rpartition(".")[0]] if "." in name else [])
    return set(found.values())


@cache
def imports(code: str) -> list[str]:
    """Return the names that `code` imports; of `from a import b` both a and a.b, which may be a module."""
    names = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.module and not node.level, "only absolute imports can be followed"
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def source_file(module: str) -> Path | None:
    """Return the file of a module in the source tree; None if it has none."""
    stem = SOURCE.joinpath(*module.split("."))
    return next((path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()), None)


def running_module() -> str:
    """Return the module that this process runs by `python -m vibhar.stages.<group>.<stage>`; else empty."""
    module = getattr(sys.modules["__main__"], "__spec__", None)
    return module.name if module and module.name.startswith("vibhar.") else ""


def work_identity() -> str:
    """Return a hash of this process's arguments, the files that they name, and the code that it runs."""
    module = running_module()
    given = [[word, file_identity(word)] for word in sys.argv[1:]]
    return hashlib.sha256(json.dumps([given, code_hash(module) if module else ""]).encode()).hexdigest()


def file_identity(word: str) -> list[int] | None:
    """Return size and modification time of an argument that names a file; None for other arguments."""
    try:
        status = Path(word).stat()
    except (OSError, ValueError):  # JSON is an argument too
        return None
    return [status.st_size, status.st_mtime_ns] if Path(word).is_file() else None


def describe_machine() -> dict[str, object]:
    """Return commit, package versions, processor and GPUs of this run."""
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
    """Return the output of a git command in this repository; empty outside a repository."""
    command = ["git", "-C", str(SOURCE.parent), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


@cache
def installed(package: str) -> str | None:
    """Return the version of a package; None if it is not installed."""
    try:
        return version(package)
    except ModuleNotFoundError:
        return None


def processor_name() -> str:
    """Return the processor's model if Linux reports it, else its architecture."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def gpu_names() -> list[str]:
    """Return the GPUs' models from NVIDIA's driver; asking torch would take seconds."""
    told = sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
    return [
        line.partition(":")[2].strip()
        for file in told
        for line in file.read_text("utf-8").splitlines()
        if "Model" in line
    ]
