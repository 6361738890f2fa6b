"""Time a config's commands on a few clips and for a few epochs, in a temporary folder."""

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
from vibhar.features.fused import write_fused
from vibhar.files.arrays import save_array
from vibhar.files.checked_arrays import open_array
from vibhar.stages.client import SERVER
from vibhar.stages.command import Settings
from vibhar.stages.server import PRELOADED, STARTED, start, stop
from vibhar.workflow.cache import remove, size
from vibhar.workflow.planning import Command

CLIPS = (1, 5)  # numbers of clips per dataset that are decoded and passed through the CNNs
EPOCHS = (2, 6)
ROWS = 64  # clips in the stores for trainings
GROUPS = 5  # groups in rendered datasets, at most
INPUTS = ("--naive", "--start", "--gated", "--pruned")  # options that name a training's input checkpoints


class Linear(NamedTuple):
    """Seconds or bytes: `fixed` per job, plus `each` per clip (or per clip and epoch)."""

    fixed: float
    each: float


def line(counts: tuple[int, int], values: tuple[float, float]) -> Linear:
    """Fit a line to two measurements; its slope and intercept are at least 0, despite noise."""
    each = max(values[1] - values[0], 0.0) / (counts[1] - counts[0])
    return Linear(max(values[0] - each * counts[0], 0.0), each)


def time_start(module: str) -> float:
    """Return the seconds that a process of a stage takes to start and import its modules."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return time.perf_counter() - begun


def time_fork(calls: int = 5) -> float:
    """Return the seconds that a stage takes to start where the server of a run forks it."""
    start(Path())
    try:
        while not (listens := Path(os.environ[SERVER]).exists()) and STARTED[-1].poll() is None:
            time.sleep(0.1)
        if not listens:
            raise RuntimeError(
                f"The server of the stages has not started: {Path('stages.log').read_text(encoding='utf-8')}"
            )
        command = [sys.executable, "-m", "vibhar.stages.training.naive", "--help"]
        begun = time.perf_counter()
        for _ in range(calls):
            subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=True, capture_output=True)
        return (time.perf_counter() - begun) / calls
    finally:
        stop()


def is_served(module: str) -> bool:
    """Whether the server of a run starts a stage."""
    return module.split(".")[2] in PRELOADED


def make_first_optimizer() -> None:
    """Make an optimizer: the first one in a process imports torch's compiler, which is slower than a short training."""
    torch.optim.AdamW([torch.zeros(1)])


def time_snakemake(jobs: int = 20) -> float:
    """Return the seconds that Snakemake itself takes per job, measured on jobs that do nothing."""
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
    """Call a stage in this process without its output; return the seconds that it took."""
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
    """Return whether `value` is the function of a module that takes exactly the given arguments."""
    return (
        inspect.isfunction(value)
        and value.__module__ == module
        and {*inspect.signature(value).parameters} - {"threads"} == {*given} - {"threads"}
    )


def change_settings(command: Command, change: Callable[[Any], Any]) -> Command:
    """Return the command with `change` applied to its settings."""
    return command.replaced(settings=json.dumps(change(command.settings())))


def list_clips(listing: Command, render: Command | None) -> tuple[pd.DataFrame, int, float]:
    """Return clips (of few groups if rendered), the dataset's number of clips, and the seconds to render one."""
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
    settings = {key: value for key, value in index.settings().items() if key not in ("drop", "content")}
    clips = list_dataset(root=Path(index.option("--root")), **settings).clips
    return clips[split].value_counts(normalize=True)


def replay_clips(clips: pd.DataFrame, listing: Path, commands: list[Command]) -> dict[Command, tuple[Linear, Linear]]:
    """Call the commands on few and more clips; return seconds and bytes of each. The larger outputs stay on disk."""
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
    """Write a store of `ROWS` clips, which repeats the features of the few measured clips; a fused one by its parts."""
    if store.exists():
        return
    fused = [command for command in commands if command.stage == "fuse" and command.option("--store") == str(store)]
    if fused:
        parts = [Path(part) for part in fused[0].options("--stores")]
        for part in parts:
            write_store(part, commands)
        write_fused(parts, store)
    else:
        (features,) = store.with_suffix("").glob("*.npy")
        few = open_array(features).rows()
        save_array(np.stack([row for row, _ in zip(cycle(few), range(ROWS), strict=False)]), store)


def write_clips(path: Path, splits: Collection[str]) -> None:
    """Write an index of `ROWS` clips of four classes; half of the clips are training clips."""
    rows = np.arange(ROWS)
    parts = np.array(["train", "train", "validation", "test"])[rows // 4 % 4]
    labels = [f"class{row % 4}" for row in rows]
    index = pd.DataFrame({"clip": rows.astype(str), "status": "ok", "label": labels} | dict.fromkeys(splits, parts))
    index.to_parquet(path)


def replay_training(command: Command) -> Linear:
    """Return the seconds of a training: fixed, and per training clip and epoch."""
    for name in INPUTS:
        stand_in(Path(command.option(name) or "/"), command)
    calls = [change_settings(command, partial(shorten, epochs=epochs)) for epochs in EPOCHS]
    few, many = (count_epochs(short.settings()) * ROWS // 2 for short in calls)
    return line((few, many), (call(calls[0]), call(calls[1])))


def stand_in(needed: Path, command: Command) -> None:
    """Replace a missing input file by another file of the same name, or by the naive classifier."""
    if not needed.exists():
        models = Path(command.option("--store").replace("/features/", "/models/")).with_suffix("")
        same = [] if needed.name == "model.safetensors" else [*models.rglob(needed.name)]
        found = [*same, *models.rglob("naive/*/model.safetensors")]
        needed.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(found[0], needed)


def shorten(settings: Any, epochs: int) -> Any:
    """Return the settings with `epochs` epochs, and with random weights in place of downloads."""
    if not isinstance(settings, dict):
        return "random" if settings == "imagenet" else settings
    return {key: epochs if key == "epochs" else shorten(value, epochs) for key, value in settings.items()}


def count_epochs(settings: Any) -> int:
    """Return the total number of epochs of all trainings in the settings."""
    if not isinstance(settings, dict):
        return 0
    return sum(value if key == "epochs" else count_epochs(value) for key, value in settings.items())
