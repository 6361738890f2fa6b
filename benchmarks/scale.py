"""What the workflow itself costs at the paper's scale: 1,600 + 6,766 + 13,320 clips, all jobs of config/paper.yaml.

    .venv/bin/python benchmarks/scale.py                        in a folder for a while, with two jobs at a time

The clips are empty files of the datasets' names and numbers, and every stage is a stub that makes its outputs; the DAG,
its keys and its checks are the real ones. Prints the seconds of a dry run, of the whole run, and of a run with nothing
left to do, each beside those of Snakemake's start alone.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import defopt
import yaml

from vibhar.datasets import hmdb51

REPOSITORY = Path(__file__).parents[1]
LISTS = Path(hmdb51.__file__).with_name("hmdb51_splits.txt")
UCF11 = "basketball biking diving golf_swing horse_riding soccer_juggling swing tennis_swing trampoline_jumping"
UCF11_CLASSES = f"{UCF11} volleyball_spiking walking".split()
# In place of the stages' interpreter, as a function of bash: what is below results and not there is an output.
STUB = r"""() {
  for word in "$@"; do
    [[ $word == results/* && ! -e $word ]] || continue
    mkdir -p "${word%/*}"
    if [[ ${word##*/} == *.* && ${word##*/} != *~* ]]; then : > "$word"; continue; fi
    mkdir "$word" && : > "$word/decoded.parquet"
  done
}"""


def measure(*, cores: int = 2) -> None:
    """Time the three runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        numbers = {"ucf11": ucf11_clips(), "hmdb51": hmdb51_clips(), "ucf101": ucf101_clips()}
        for dataset, clips in numbers.items():
            print(f"{dataset}: {make_files(folder / 'videos' / dataset, clips)} clips")
        roots = {name: {"root": f"videos/{name.partition('_')[0]}"} for name in (*numbers, "ucf11_pixels")}
        (folder / "roots.yaml").write_text(yaml.safe_dump({"datasets": roots}))
        call(folder, cores, "snakemake's start", "--version")
        call(folder, cores, "dry run", "--dry-run", "all")
        call(folder, cores, "run", "all")
        call(folder, cores, "run with nothing to do", "all")


def call(folder: Path, cores: int, what: str, *arguments: str) -> None:
    """Run Snakemake in the folder, and print its seconds."""
    configs = [str(REPOSITORY / name) for name in ("config.yaml", "config/paper.yaml")]
    program = [str(Path(sys.executable).with_name("snakemake")), "--snakefile", str(REPOSITORY / "Snakefile")]
    options = ["--cores", str(cores), "--configfile", *configs, "roots.yaml", "--"]
    before = [word for word in arguments if word.startswith("--")]
    targets = [word for word in arguments if not word.startswith("--")]
    begun = time.perf_counter()
    done = subprocess.run(
        [*program, *before, *options, *targets],
        cwd=folder,
        env=os.environ | {"BASH_FUNC_python%%": STUB},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - begun
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    jobs = re.search(r"^total +(\d+)$", done.stdout + done.stderr, re.MULTILINE)
    print(f"{what}: {seconds:.1f} s, {jobs[1] if jobs else 0} jobs")


def make_files(root: Path, names: Iterator[str]) -> int:
    """Make an empty file of each name; how many."""
    paths = [root / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return len({*paths})


def ucf11_clips() -> Iterator[str]:
    """1,600 names, of 11 classes with 25 groups each."""
    groups = [(action, group) for action, group in product(UCF11_CLASSES, range(1, 26))]
    for number, (action, group) in enumerate(groups):
        for clip in range(1, 6 + (number < 225)):
            yield f"{action}/v_{action}_{group:02}/v_{action}_{group:02}_{clip:02}.mpg"


def hmdb51_clips() -> Iterator[str]:
    """The 6,766 names of the official lists."""
    action = source = ""
    for line in LISTS.read_text().splitlines():
        if not line.startswith(" "):
            action = line
        elif not line.startswith("  "):
            source = line.strip()
        else:
            yield f"{action}/{source}_{action}_{line.split()[0]}.avi"


def ucf101_clips() -> Iterator[str]:
    """13,320 names, of 101 classes with 25 groups each."""
    for number, (action, group) in enumerate(product(range(101), range(1, 26))):
        for clip in range(1, 6 + (number < 695)):
            yield f"Class{action:03}/v_Class{action:03}_g{group:02}_c{clip:02}.avi"


if __name__ == "__main__":
    defopt.run(measure)
