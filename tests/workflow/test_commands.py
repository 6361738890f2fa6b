"""The command line of a stage is written from the signature of its function."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from vibhar.workflow import provenance
from vibhar.workflow.commands import command_line, parameters_of

STAGE = """
from pathlib import Path
def helper(x): ...
def join(*, parts: list[Path], second_part: Path, seed: int) -> None: ...
if __name__ == "__main__":
    run(join)
"""


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/stage.py").write_text(STAGE)
    monkeypatch.setattr(provenance, "SOURCE", tmp_path)
    parameters_of.cache_clear()
    yield "pkg.stage"
    parameters_of.cache_clear()


def test_parameters_are_those_of_the_function_that_is_run(stage: str) -> None:
    assert parameters_of(stage) == ("parts", "second_part", "seed")


def test_lists_give_several_words_and_odd_names_are_quoted(stage: str) -> None:
    given = {"seed": 3, "parts": ["a b", "c"], "second_part": Path("it's"), "not_asked_for": "x"}
    words = ["python", "-m", stage, "--parts", "a b", "c", "--second-part", "it's", "--seed", "3"]
    assert shlex.split(command_line(stage, given)) == words


def test_an_empty_list_gives_no_word(stage: str) -> None:
    line = command_line(stage, {"parts": [], "second_part": "p", "seed": 0})
    assert line == f"python -m {stage} --parts --second-part p --seed 0"


def test_what_a_rule_does_not_give_is_an_error(stage: str) -> None:
    with pytest.raises(KeyError, match="second_part"):
        command_line(stage, {"parts": [], "seed": 0})


def test_a_stage_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError, match="no stage"):
        parameters_of("vibhar.stages.nothing")
