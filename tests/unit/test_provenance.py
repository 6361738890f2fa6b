"""Code hashes follow imports and meaning, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vibhar import provenance


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
