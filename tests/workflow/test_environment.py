"""No variable of the shell that a run is started from changes what its stages do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.conftest import REPOSITORY, Workflow
from vibhar.workflow.host import GIVEN, TAKEN, clean_environment

# Each of these alone broke a figure, a log or a table, or could have changed one.
SHELLS: dict[str, dict[str, str]] = {
    "a notebook": {"MPLBACKEND": "module://matplotlib_inline.backend_inline"},
    "a desktop": {"MPLBACKEND": "TkAgg", "DISPLAY": ":77"},
    "options of Python": {"PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "error::DeprecationWarning", "PYTHONHASHSEED": "9"},
    "an old locale": {
        "LC_ALL": "C",
        "LANG": "C",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "ascii",
    },
    "a strict bash": {
        "SHELLOPTS": "braceexpand:hashall:interactive-comments:noclobber:nounset",
        "POSIXLY_CORRECT": "1",
    },
    "many threads": {"OMP_NUM_THREADS": "7", "MKL_NUM_THREADS": "7", "OPENBLAS_NUM_THREADS": "7"},
    "no GPU and another zone": {"CUDA_VISIBLE_DEVICES": "", "TZ": "Asia/Kathmandu", "COLUMNS": "20"},
    "a folder that is gone": {"TMPDIR": "/nowhere/at/all", "XDG_RUNTIME_DIR": "/nowhere/at/all"},
}
TARGETS = ("results/default/tables/table2.csv", "results/default/figures/figure5.png")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_changes_nothing(completed: Workflow, shell: str, tmp_path: Path) -> None:
    (tmp_path / "rc").write_text("exit 3\n")
    surprises = SHELLS[shell] | {"BASH_ENV": str(tmp_path / "rc")}
    before = [(completed.folder / target).read_bytes() for target in TARGETS]
    for target in TARGETS:
        (completed.folder / target).unlink()
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "src")} | surprises
    command = completed.command("--forcerun", "train_small", "--", *TARGETS)
    done = subprocess.run(command, cwd=completed.folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [(completed.folder / target).read_bytes() for target in TARGETS] == before


def test_a_module_in_the_users_folder_is_not_taken_for_pythons_own(completed: Workflow) -> None:
    (completed.folder / "queue.py").write_text("raise SystemExit('the wrong queue')\n")
    (completed.folder / TARGETS[0]).unlink()
    assert completed.call(TARGETS[0]).returncode == 0


def test_jobs_get_the_same_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*GIVEN, *TAKEN):
        monkeypatch.setenv(name, "surprise")
    clean_environment()
    assert {name: os.environ[name] for name in GIVEN} == GIVEN
    assert not {*TAKEN} & {*os.environ}


def test_figures_have_their_own_style_and_backend(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("font.size: 33\nlines.linewidth: 9\n")
    asked = "from vibhar.results.figures import style; import matplotlib as m"
    asked += "; print(m.get_backend(), m.rcParams['font.size'])"
    surprises = {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "MATPLOTLIBRC": str(tmp_path)}
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "src")} | surprises
    done = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["agg", "10.0"]
