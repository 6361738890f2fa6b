"""A small config in a folder of its own, and one complete run of it that the tests share."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from vibhar.workflow.config import merge
from vibhar.workflow.config_queries import RESULTS

REPOSITORY = Path(__file__).parents[2]
SMALL = {
    "seeds": [0],
    "data": {"shards": 1},
    "lstm": {"hidden": 8},
    "naive": {"epochs": 2},
    "vib": {"betas": [1.0e-4, 1.0e-2], "training": {"epochs": 2}, "target": {"goals": {"target_ratio": [1]}}},
    "finetune": {"training": {"epochs": 2}},
    "iss": {"strengths": [1.0e-2], "vib_beta": 1.0e-4, "training": {"epochs": 2}},
    "small": {"hidden": [2]},
    "table4": {"beta": 1.0e-4},
    "flow": {"backend": "dis", "short_side": 16},
    "comparisons": {
        method: {"training": {"epochs": 1}} for method in ("two_stream_lstm", "attention_conv_lstm", "two_stream_i3d")
    },
    "sampling": {"frames": 4, "views": 2},
    "edge": {"runtimes": ["onnxruntime", "numpy"], "batches": [1], "queries": 16, "seconds": 0, "repeat": 1},
    "cnns": {"small_cnn_random": {"seed": 1}, "pixels": {"size": [8, 6]}},
}
RENDER = {"layout": "ucf11", "seed": 0, "groups": 5, "clips_per_group": 1, "frames": [8, 12]}


@dataclass(frozen=True)
class Workflow:
    """A working directory with a config, and Snakemake called in it with the code of a repository."""

    folder: Path
    repository: Path = REPOSITORY

    def configure(self, config: dict[str, Any]) -> None:
        """Write the config."""
        (self.folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))

    @property
    def config(self) -> dict[str, Any]:
        """The config as it is written."""
        return yaml.safe_load((self.folder / "config.yaml").read_text())

    def bare(self, *arguments: str) -> list[str]:
        """Snakemake with the repository's Snakefile; how many cores it has, its profile says."""
        program = str(Path(sys.executable).parent / "snakemake")
        return [program, "--snakefile", str(self.repository / "Snakefile"), *arguments]

    def command(self, *arguments: str) -> list[str]:
        """The same with two cores."""
        return self.bare("--cores", "2", *arguments)

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it in this folder."""
        command = self.command(*arguments)
        environment = os.environ | {"PYTHONPATH": str(self.repository / "src")}
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, env=environment, check=False)

    def stale(self, *targets: str) -> dict[str, int]:
        """How many jobs of each rule a dry run would run, with the total."""
        done = self.call("--dry-run", *targets)
        assert done.returncode == 0, done.stdout + done.stderr
        return self.jobs(done.stdout + done.stderr)

    def dry_run(self, change: dict[str, Any] | None = None) -> str:
        """What a dry run of all prints, with another config laid over the one in this folder."""
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump(change or {}, file)
            file.flush()
            done = self.call("--dry-run", "--configfile", file.name, "--", "all")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    @staticmethod
    def jobs(printed: str) -> dict[str, int]:
        """How many jobs of each rule there are in what a dry run has printed."""
        table = printed.partition("Job stats:")[2].partition("\n\n")[0]
        return {rule: int(count) for rule, count in re.findall(r"^(\w+)\s+(\d+)$", table, re.M)}


@pytest.fixture(scope="session")
def small_config() -> dict[str, Any]:
    config = merge(yaml.safe_load((REPOSITORY / "config.yaml").read_text()), SMALL)
    tiny = {"kind": "ucf11", "render": RENDER, "splits": ["group1"]}
    pixels = {"splits": ["clip1"], "lstm": {"head": "batch_norm"}, "vib": {"betas": [1.0e-3]}}
    config["datasets"] = {"tiny": tiny, "tiny_pixels": tiny | pixels}
    for cnn in ("small_cnn", "small_cnn_flow"):
        config["cnns"][cnn]["weights"] = "random"  # a pretrained trunk takes a minute
    for result in RESULTS:
        config[result]["datasets"] = ["tiny_pixels" if result == "table1" else "tiny"]
        if result not in ("table1", "table3"):
            config[result]["cnn"] = "small_cnn"
    return config


@pytest.fixture
def workflow(tmp_path: Path, small_config: dict[str, Any]) -> Workflow:
    """A fresh folder with the small config, and nothing computed."""
    fresh = Workflow(tmp_path)
    fresh.configure(small_config)
    return fresh


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, small_config: dict[str, Any]) -> Workflow:
    """A folder in which everything has been computed once."""
    run = Workflow(tmp_path_factory.mktemp("finished"))
    run.configure(small_config)
    done = run.call("all")
    assert done.returncode == 0, done.stdout + done.stderr
    return run


@pytest.fixture
def completed(finished: Workflow, tmp_path: Path) -> Workflow:
    """A copy of the finished folder, for a test to change."""
    shutil.copytree(finished.folder, tmp_path / "copy", symlinks=True)
    return Workflow(tmp_path / "copy")
