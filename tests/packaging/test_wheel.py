"""The wheel holds the whole package, and installs the compression library alone."""

import json
import re
import shutil
import subprocess
import sys
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.conftest import REPOSITORY

SOURCES = ("pyproject.toml", "README.md", "LICENSE")  # what the wheel is made of, beside src/
EXTRAS = ("snakemake", "cv2", "decord", "av", "onnx", "onnxruntime", "pandas", "torchvision", "matplotlib", "yaml")
UNREACHABLE = ("error sending request", "Failed to fetch", "Network connectivity is disabled")  # as uv says it
REPORT = f"""
import json, sys
from importlib.util import find_spec
extras = {EXTRAS!r}
imported = {{name.partition(".")[0] for name in sys.modules}}
print(json.dumps([sorted(imported & set(extras)), [name for name in extras if find_spec(name)], vibhar.__file__]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of the sources, since setuptools would leave build/ in the repository."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(REPOSITORY / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in SOURCES:
        shutil.copy(REPOSITORY / name, folder)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir"]
    done = subprocess.run([*build, folder / "dist", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = (folder / "dist").glob("*.whl")
    return made


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds the wheel and what it requires, in the versions of the lock."""
    folder = tmp_path_factory.mktemp("environment")
    uv, interpreter = str(Path(sys.executable).parent / "uv"), folder / "bin" / "python"
    subprocess.run([uv, "venv", "--no-config", "--quiet", "--python", sys.executable, folder], check=True)
    install = [uv, "pip", "install", "--no-config", "--quiet", "--constraint", str(REPOSITORY / "requirements.txt")]
    done = subprocess.run([*install, "--python", interpreter, wheel], capture_output=True, text=True, check=False)
    if done.returncode and any(words in done.stderr for words in UNREACHABLE):
        pytest.skip(f"no package registry can be reached: {done.stderr.strip().splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    return interpreter


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    source = REPOSITORY / "src"
    files = {path.relative_to(source).as_posix() for path in (source / "vibhar").rglob("*") if path.is_file()}
    held = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == {name for name in files if "__pycache__" not in name}
    assert "vibhar/py.typed" in held


def test_the_wheel_requires_torch_numpy_and_jaxtyping_alone(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        fields = Parser().parsestr(archive.read(metadata).decode())
    core = [line for line in fields.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert {re.split(r"[^\w-]", line)[0] for line in core} == {"torch", "numpy", "jaxtyping"}
    assert fields.get_all("Provides-Extra") == ["video", "workflow", "edge", "all"]


@pytest.mark.slow
def test_the_example_of_the_readme_runs_without_the_extras(python: Path, tmp_path: Path) -> None:
    program = tmp_path / "example.py"
    program.write_text(library_example() + "\nimport vibhar\n" + REPORT)
    done = subprocess.run([python, "-I", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    imported, installed, where = json.loads(done.stdout.splitlines()[-1])
    assert (imported, installed) == ([], [])
    assert Path(where).is_relative_to(python.parents[1]), "the example ran the repository's files, not the wheel's"


def library_example() -> str:
    """The README's block of Python that imports the library."""
    blocks = re.findall(r"^```python\n(.*?)^```", (REPOSITORY / "README.md").read_text(), re.M | re.S)
    (example,) = (block for block in blocks if "from vibhar import" in block)
    return example
