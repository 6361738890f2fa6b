"""Code hashes follow imports and meaning, and nothing else."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vibhar.workflow import provenance


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small source tree: pkg.stage imports pkg.helper; pkg.other stands alone."""
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/__init__.py").write_text("")
    (tmp_path / "pkg/stage.py").write_text("from pkg.helper import f\n\n\ndef g():\n    return f()\n")
    (tmp_path / "pkg/helper.py").write_text("def f():\n    return 1\n")
    (tmp_path / "pkg/other.py").write_text("x = 1\n")
    monkeypatch.setattr(provenance, "SOURCE", tmp_path)
    provenance.code_hash.cache_clear()
    yield tmp_path
    provenance.code_hash.cache_clear()


def hash_after(path: Path, text: str) -> str:
    path.write_text(text)
    provenance.code_hash.cache_clear()
    return provenance.code_hash("pkg.stage")


def test_an_edit_of_an_imported_module_counts(source: Path) -> None:
    before = provenance.code_hash("pkg.stage")
    assert hash_after(source / "pkg/helper.py", "def f():\n    return 2\n") != before


def test_an_edit_of_another_module_does_not(source: Path) -> None:
    before = provenance.code_hash("pkg.stage")
    assert hash_after(source / "pkg/other.py", "x = 2\n") == before


def test_comments_and_formatting_do_not(source: Path) -> None:
    before = provenance.code_hash("pkg.stage")
    assert hash_after(source / "pkg/helper.py", "# why\ndef f():\n\n    return (1)  # one\n") == before


def test_a_module_that_does_not_exist(source: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"pkg\.nothing"):
        provenance.code_hash("pkg.nothing")


def test_relative_imports_are_refused(source: Path) -> None:
    (source / "pkg/other.py").write_text("from . import helper\n")
    with pytest.raises(AssertionError, match="absolute imports"):
        provenance.code_hash("pkg.other")


def test_docstrings_do_not(source: Path) -> None:
    before = provenance.code_hash("pkg.stage")
    assert hash_after(source / "pkg/helper.py", '"""Help."""\n\ndef f():\n    """One."""\n    return 1\n') == before
    assert hash_after(source / "pkg/helper.py", 'def f():\n    return "One."\n') != before


IMPORTS = """
import importlib, json, os
import cv2, matplotlib.pyplot, onnx, onnxruntime, pandas, scipy, torch, torchvision
from pathlib import Path
import sys
for path in sorted(Path(sys.argv[1]).glob("*/[a-z]*.py")):
    if os.fork():
        os.wait()
        continue
    name = f"{path.parent.name}.{path.stem}"
    importlib.import_module(f"vibhar.stages.{name}")
    print(name, *(name for name in sys.modules if name.partition(".")[0] == "vibhar"), flush=True)
    os._exit(0)
"""


LATER = {"tvl1_numba.py", "tvl1_loops.py"}  # imported by the first flow, as they take a moment


def test_a_stage_is_made_of_the_modules_that_python_imports_for_it() -> None:
    stages = provenance.SOURCE / "vibhar/stages"
    done = subprocess.run([sys.executable, "-c", IMPORTS, str(stages)], capture_output=True, text=True, check=True)
    imported = {stage: modules for stage, *modules in map(str.split, done.stdout.splitlines())}
    assert imported.keys() == {f"{path.parent.name}.{path.stem}" for path in stages.glob("*/[a-z]*.py")}
    for stage, modules in imported.items():
        now = {provenance.source_file(module) for module in modules}
        files = provenance.imported_files(f"vibhar.stages.{stage}")
        assert now <= files, stage
        assert {path.name for path in files - now} <= LATER, stage


def test_every_stage_is_called_by_a_rule() -> None:
    rules = provenance.SOURCE.parent / "workflow/rules"
    text = "".join(path.read_text() for path in rules.rglob("*.smk"))
    called = {*re.findall(r'stage\(\s*"(\w+\.\w+)"', text)}
    called |= {f"training.{stage}" for stage in re.findall(r'Method\(\s*"\w+",\s*"(\w+)"', text)}
    called |= {f"results.{name}" for name in re.findall(r'^    "(\w+)": Result\(', text, re.M)}
    stages = (provenance.SOURCE / "vibhar/stages").glob("*/[a-z]*.py")
    assert called == {f"{path.parent.name}.{path.stem}" for path in stages} - {"upkeep.replaying"}
