"""Stage: estimate the hours and gigabytes of a config, by running its commands on a few clips.

The estimate includes the stages that work clip by clip, all trainings on videos, CNN weights that the run pretrains,
and the start of every job. It does not include downloads and measurements on a small device. As in the run, several
datasets are measured at once, because cores that share memory slow each other down.
"""

import os
from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pandas as pd
from tqdm import tqdm

from vibhar.stages.command import Settings, run
from vibhar.stages.features.weights import WORKERS
from vibhar.stages.upkeep.replaying import (
    Linear,
    call,
    change_settings,
    count_epochs,
    count_parts,
    is_served,
    list_clips,
    make_first_optimizer,
    replay_clips,
    replay_training,
    time_fork,
    time_snakemake,
    time_start,
    write_clips,
    write_store,
)
from vibhar.workflow.planning import Command, plan

BY_CLIP = ("frames", "flow", "features")
TRAININGS = ("naive", "vib", "prune", "iss", "control", "comparison")
NAMES = {"frames": "frames", "flow": "flow", "features": "CNN features"}


class Cost(NamedTuple):
    """A row of the estimate: seconds of one core, and bytes on the disk."""

    dataset: str
    work: str
    jobs: int
    seconds: float
    bytes: float = 0.0


def estimate(*, snakefile: Path, cores: int, settings: Settings) -> None:
    """Print the cost of the config `settings` by dataset and kind of work, and the hours on `cores` cores."""
    commands = plan(snakefile, settings)
    home = Path.cwd()
    with TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            costs = list(list_costs({at_home(command, home) for command in commands}, cores))
        finally:
            os.chdir(home)
    table = pd.DataFrame(costs).groupby(["dataset", "work"], sort=False).sum().reset_index()
    table["hours"], table["gigabytes"] = table["seconds"] / 3600, table["bytes"] / 1e9
    columns = ["dataset", "work", "jobs", "hours", "gigabytes"]
    print(table[columns].to_string(index=False, float_format=lambda value: f"{value:.3g}"))
    hours = table["hours"].sum()
    print(
        f"In all {hours:.3g} hours of one core, {hours / cores:.3g} with --cores {cores}. Frames are deleted after use."
    )


def at_home(command: Command, home: Path) -> Command:
    """Return the command with an absolute path of the user's folder of videos, if it names one."""
    root = command.option("--root")
    known = root and not root.startswith("results/")
    return command.replaced(root=str(home / root)) if known else command


def list_costs(commands: Collection[Command], cores: int) -> Iterator[Cost]:
    """Yield all costs: CNN weights, each dataset, start of Python, Snakemake."""
    for weights in [command for command in commands if command.stage == "weights"]:
        yield Cost("all", "CNN weights", 1, prepare(weights))
    listings = sorted(command for command in commands if command.stage == "listing")
    served = sum(is_served(command.module) for command in commands)
    starts = Counter(command.module for command in commands if not is_served(command.module))
    with ProcessPoolExecutor(cores, get_context("spawn"), initializer=make_first_optimizer) as pool:
        datasets = pool.map(partial(measure_dataset, commands), listings)
        seconds = pool.map(time_start, starts)
        for costs in datasets:
            yield from costs
        for count, each in zip(starts.values(), seconds, strict=True):
            yield Cost("all", "start of Python", count, count * each)
    yield Cost("all", "start of Python", served, served * time_fork())
    yield Cost("all", "Snakemake itself", len(commands), time_snakemake() * len(commands))


def prepare(weights: Command) -> float:
    """Prepare CNN weights; return the core-seconds of pretraining. Other weights are replaced by random ones, 0 s."""
    chosen = weights.settings()["weights"]
    if chosen == "rendered":
        return WORKERS * call(weights)
    call(change_settings(weights, lambda settings: settings | {"weights": chosen if chosen == "none" else "random"}))
    return 0.0


def measure_dataset(commands: Collection[Command], listing: Command) -> list[Cost]:
    """Return the costs of the dataset that `listing` lists."""
    dataset = Path(listing.option("--listing")).parts[1]
    mine = [command for command in commands if f"results/{dataset}/" in " ".join(command.arguments)]
    renders = [command for command in commands if command.stage == "render"]
    render = next((command for command in renders if command.option("--root") == listing.option("--root")), None)
    return list(dataset_costs(dataset, mine, listing, render))


def dataset_costs(
    dataset: str, commands: Collection[Command], listing: Command, render: Command | None
) -> Iterator[Cost]:
    """Yield the costs of a dataset: rendering, the stages that work clip by clip, trainings."""
    clips, count, each = list_clips(listing, render)
    if render:
        yield Cost(dataset, "videos", 1, each * count)
    first = [command for command in commands if any("/0-of-" in word for word in command.arguments)]
    by_clip = sorted((c for c in first if c.stage in BY_CLIP), key=lambda c: (BY_CLIP.index(c.stage), c))
    shards = len([command for command in commands if command.stage == "frames"])
    measured = replay_clips(clips, Path(listing.option("--listing")), by_clip)
    for command, (seconds, size) in measured.items():
        yield Cost(dataset, NAMES[command.stage], shards, scale(seconds, shards, count), scale(size, shards, count))
    trainings = sorted((c for c in commands if c.stage in TRAININGS), key=lambda c: (TRAININGS.index(c.stage), c))
    (index,) = [command for command in commands if command.stage == "index"]
    yield from training_costs(dataset, trainings, commands, index, count)


def scale(measured: Linear, jobs: int, count: float) -> float:
    """Return the seconds or bytes of `jobs` jobs for `count` clips in total."""
    return jobs * measured.fixed + count * measured.each


def training_costs(
    dataset: str, trainings: list[Command], commands: Collection[Command], index: Command, count: int
) -> Iterator[Cost]:
    """Yield the costs of trainings; those that differ only in split, seed or strength are measured once."""
    splits = sorted({command.option("--split") for command in trainings})
    write_clips(Path(index.option("--clips")), splits)
    shares = {split: count_parts(index, split)["train"] for split in splits}
    measured: dict[tuple[str, ...], Linear] = {}
    for command in tqdm(trainings, desc=dataset, mininterval=5):
        kind = (command.stage, command.option("--method"), command.option("--store"), command.option("--settings"))
        if kind not in measured:
            write_store(Path(command.option("--store")), commands)
            measured[kind] = replay_training(command)
        clips = count * shares[command.option("--split")]
        seconds = scale(measured[kind], 1, clips * count_epochs(command.settings()))
        yield Cost(dataset, "trainings", 1, seconds)


if __name__ == "__main__":
    run(estimate)
