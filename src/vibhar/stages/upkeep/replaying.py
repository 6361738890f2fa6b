"""A config's own commands, called on a few clips and for a few epochs in a folder of their own, and timed."""

import contextlib
import importlib
import inspect
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from functools import partial
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import defopt
import numpy as np
import pandas as pd
import torch

from vibhar.datasets import list_dataset
from vibhar.files.arrays import load_array, save_array
from vibhar.stages.command import Settings
from vibhar.workflow.cache import remove, size
from vibhar.workflow.planning import Command

CLIPS = (1, 5)  # of each dataset, that are decoded and go through the CNNs
EPOCHS = (2, 6)
ROWS = 64  # of the stores that are trained on
GROUPS = 5  # of the rendered datasets
INPUTS = ("--naive", "--start", "--gated", "--pruned")  # what a training starts from


class Linear(NamedTuple):
    """Seconds or bytes: `fixed` a job, and `each` for every clip or epoch of a clip."""

    fixed: float
    each: float


def line(counts: tuple[int, int], values: tuple[float, float]) -> Linear:
    """The line through two measurements; noise never makes it fall."""
    each = max(values[1] - values[0], 0.0) / (counts[1] - counts[0])
    return Linear(max(values[0] - each * counts[0], 0.0), each)


def time_start(module: str, trains: bool = False) -> float:
    """The seconds until the process of a stage has imported what it needs."""
    first = "; from vibhar.stages.upkeep.replaying import make_first_optimizer as first; first()" if trains else ""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}{first}"], check=True)
    return time.perf_counter() - begun


def make_first_optimizer() -> None:
    """With the first optimizer of a process torch imports its compiler, which takes longer than a short training."""
    torch.optim.AdamW([torch.zeros(1)])


def time_snakemake(jobs: int = 20) -> float:
    """The seconds that Snakemake itself takes for a job, from some that do nothing."""
    with TemporaryDirectory() as folder:
        wanted = f"rule all:\n    input: expand('{{n}}', n=range({jobs}))\n"
        Path(folder, "Snakefile").write_text(wanted + "rule one:\n    output: '{n}'\n    shell: ': > {output}'\n")
        command = [sys.executable, "-m", "snakemake", "--quiet", "all", "--cores", "1"]
        seconds = []
        for options in (["--dry-run"], []):
            begun = time.perf_counter()
            subprocess.run([*command, *options], cwd=folder, check=True, capture_output=True)
            seconds.append(time.perf_counter() - begun)
    return max(seconds[1] - seconds[0], 0.0) / jobs


def call(command: Command) -> float:
    """Call a stage in this process, silently; the seconds that it took."""
    module = importlib.import_module(command.module)
    given = {word.removeprefix("--") for word in command.arguments if word.startswith("--")}
    stage = next(value for value in vars(module).values() if is_stage(value, module.__name__, given))
    for word in command.arguments:
        if word.startswith("results/"):
            Path(word).parent.mkdir(parents=True, exist_ok=True)
    threads = ["--threads", "1"] if "threads" in inspect.signature(stage).parameters else []
    begun = time.perf_counter()
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stderr(nowhere),
        contextlib.redirect_stdout(nowhere),
    ):
        defopt.run(stage, parsers={Settings: json.loads}, short={}, argv=[*command.arguments, *threads])
    return time.perf_counter() - begun


def is_stage(value: Any, module: str, given: Collection[str]) -> bool:
    """Whether a name of a module is its function that takes the given arguments."""
    return (
        inspect.isfunction(value)
        and value.__module__ == module
        and {*inspect.signature(value).parameters} - {"threads"} == {*given} - {"threads"}
    )


def change_settings(command: Command, change: Callable[[Any], Any]) -> Command:
    """The command with other settings."""
    return command.replaced(settings=json.dumps(change(command.settings())))


def list_clips(listing: Command, render: Command | None) -> tuple[pd.DataFrame, int, float]:
    """The clips of a dataset, how many there are in all, and the seconds to render one: of few groups, if rendered."""
    seconds = 0.0
    if render:
        wanted = render.settings()
        few = wanted | {"groups": min(wanted["groups"], GROUPS), "clips_per_group": 1}
        seconds = call(change_settings(render, lambda _: few))
    call(listing)
    clips = pd.read_parquet(listing.option("--listing"))
    if not render:
        return clips, len(clips), 0.0
    times = wanted["groups"] * wanted["clips_per_group"] / few["groups"]
    return clips, round(times * len(clips)), seconds / len(clips)


def count_parts(index: Command, split: str) -> pd.Series:
    """The share of each part in a split of the dataset."""
    settings = {key: value for key, value in index.settings().items() if key != "drop"}
    clips = list_dataset(root=Path(index.option("--root")), **settings).clips
    return clips[split].value_counts(normalize=True)


def replay_clips(clips: pd.DataFrame, listing: Path, commands: list[Command]) -> dict[Command, tuple[Linear, Linear]]:
    """Call what works clip by clip, in that order; its seconds and its bytes. The largest outputs stay."""
    measured: dict[Command, list[tuple[float, float]]] = {command: [] for command in commands}
    for count in CLIPS:
        clips.sample(min(count, len(clips)), random_state=0).to_parquet(listing)
        for command in commands:
            output = Path(command.option({"frames": "--frames", "flow": "--flow"}.get(command.stage, "--features")))
            remove(output)
            seconds = call(command)
            measured[command].append((seconds, float(size(output))))
            if command.stage == "frames":
                decoded = Path(str(output).replace("/frames/", "/decoded/") + ".parquet")
                decoded.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(output / "decoded.parquet", decoded)
    return {
        command: (line(CLIPS, (few[0], many[0])), line(CLIPS, (few[1], many[1])))
        for command, (few, many) in measured.items()
    }


def write_store(store: Path, commands: Collection[Command]) -> None:
    """A store of `ROWS` clips: the few that were measured, again and again."""
    if not store.exists():
        save_array(rows_of(store, commands), store)


def rows_of(store: Path, commands: Collection[Command]) -> np.ndarray:
    """Its rows: those of its one CNN, or those of several side by side."""
    fused = [command for command in commands if command.stage == "fuse" and command.option("--store") == str(store)]
    if fused:
        return np.concatenate([rows_of(Path(part), commands) for part in fused[0].options("--stores")], axis=-1)
    (features,) = store.with_suffix("").glob("*.npy")
    few = load_array(features)
    return np.stack([row for row, _ in zip(cycle(few), range(ROWS), strict=False)])


def write_clips(path: Path, splits: Collection[str]) -> None:
    """An index of `ROWS` clips of four classes, half of which are trained on."""
    rows = np.arange(ROWS)
    parts = np.array(["train", "train", "validation", "test"])[rows // 4 % 4]
    labels = [f"class{row % 4}" for row in rows]
    index = pd.DataFrame({"clip": rows.astype(str), "status": "ok", "label": labels} | dict.fromkeys(splits, parts))
    index.to_parquet(path)


def replay_training(command: Command) -> Linear:
    """The seconds of a training for an epoch of a clip that is trained on."""
    for name in INPUTS:
        stand_in(Path(command.option(name) or "/"), command)
    calls = [change_settings(command, partial(shorten, epochs=epochs)) for epochs in EPOCHS]
    few, many = (count_epochs(short.settings()) * ROWS // 2 for short in calls)
    return line((few, many), (call(calls[0]), call(calls[1])))


def stand_in(needed: Path, command: Command) -> None:
    """Put another file of the same name, or the naive classifier, in the place of one that was not made."""
    if not needed.exists():
        models = Path(command.option("--store").replace("/features/", "/models/")).with_suffix("")
        same = [] if needed.name == "model.safetensors" else [*models.rglob(needed.name)]
        found = [*same, *models.rglob("naive/*/model.safetensors")]
        needed.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(found[0], needed)


def shorten(settings: Any, epochs: int) -> Any:
    """The same settings, with other numbers of epochs and without weights that would be downloaded."""
    if not isinstance(settings, dict):
        return "random" if settings == "imagenet" else settings
    return {key: epochs if key == "epochs" else shorten(value, epochs) for key, value in settings.items()}


def count_epochs(settings: Any) -> int:
    """The epochs of all trainings that some settings speak of."""
    if not isinstance(settings, dict):
        return 0
    return sum(value if key == "epochs" else count_epochs(value) for key, value in settings.items())
