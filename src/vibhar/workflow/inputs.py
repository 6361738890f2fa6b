"""What can be known to be wrong before any job starts: the videos, arrays, lists and weights that a config names."""

import hashlib
import json
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from vibhar.datasets import check_splits, find_clips, find_lists, list_dataset
from vibhar.datasets.arrays import find_arrays
from vibhar.datasets.clip_list import list_arrays
from vibhar.errors import InputError
from vibhar.files.contents import hash_contents
from vibhar.videos.sampling import shard_of
from vibhar.workflow.config import RESULTS, cnns_of

Config = dict[str, Any]

MEMORY = Path(".snakemake/contents.json")  # of hashes of the user's own files
NAMED_WEIGHTS = ("imagenet", "random", "rendered", "none")
INDEX_KEYS = ("kind", "classes", "splits_root", "folds", "validation", "group_pattern")
ARRAYS_KEYS = ("classes", "splits", "validation")


def check_inputs(config: Config) -> None:
    """Raise InputError where a dataset or a weights file that the config's results need cannot be used."""
    for name in sorted({name for result in RESULTS for name in config[result]["datasets"]}):
        dataset = config["datasets"][name]
        if "root" in dataset:
            check_dataset(name, dataset)
    cnns = {name for result in RESULTS for name in cnns_of(config, result)}
    parts = {part for name in cnns for part in config["cnns"][name]["fuse"]}
    for name in sorted(cnns | parts):
        cnn = config["cnns"][name]
        if cnn["weights"] not in NAMED_WEIGHTS and cnn["weights"] not in config["cnns"]:
            check_braces(cnn["weights"])
            from vibhar.features.cnn import check_weights  # torch takes seconds to import, and is needed for this alone

            check_weights(cnn["backbone"], cnn["weights"])


def check_dataset(name: str, dataset: Config) -> None:
    """List the dataset, which checks its folders and lists, and look for the splits that are trained on."""
    root = Path(dataset["root"])
    try:
        if dataset["kind"] == "features":
            check_braces(dataset["clips"])
            list_arrays(Path(dataset["clips"]), root, **{key: dataset[key] for key in ARRAYS_KEYS})
        else:
            clips = list_dataset(root=root, **{key: dataset[key] for key in INDEX_KEYS}).clips
            check_splits(list(clips.columns), dataset["splits"])
    except InputError as error:
        raise InputError(f"Dataset `{name}`: {error}") from error


def check_braces(file: str) -> None:
    """Raise InputError where Snakemake would take a part of the name for a wildcard."""
    if {*file} & {*"{}"}:
        raise InputError(f"The name of the file {file} has braces, which Snakemake takes for wildcards. Rename it.")


@cache
def fingerprint_shards(root: str, settings: str, shards: int) -> list[str]:
    """A hash of the names and contents of each shard's clips; `settings` is JSON: the dataset's kind and classes."""
    clips = find_clips(root=Path(root), **json.loads(settings))
    named = pd.Series(hash_named(root, clips["path"]), index=clips.index)
    shard = clips["clip"].map(partial(shard_of, shards=shards))
    return [digest(named[shard == number]) for number in range(shards)]


@cache
def fingerprint_arrays(root: str) -> str:
    """The same of a folder of arrays."""
    return digest(hash_named(root, find_arrays(Path(root))))


@cache
def fingerprint_lists(kind: str, root: str, splits_root: str | None) -> str:
    """A hash of the names and contents of the official split lists of a dataset; empty where it reads none."""
    folder = find_lists(kind, Path(root), splits_root)
    return digest(hash_named(str(folder), sorted(path.name for path in folder.glob("*.txt")))) if folder else ""


@cache
def fingerprint_file(path: str | Path) -> str:
    """A hash of what a file holds."""
    return hash_contents([Path(path)], MEMORY)[0][:16]


def hash_named(root: str, paths: Iterable[str]) -> list[str]:
    """The name and the hash of the content of each of some files below `root`."""
    names = list(paths)
    hashes = hash_contents((Path(root, name) for name in names), MEMORY)
    return [f"{name}\0{value}\0" for name, value in zip(names, hashes, strict=True)]


def digest(texts: Iterable[str]) -> str:
    """A hash of some texts."""
    return hashlib.sha256("".join(texts).encode(errors="surrogateescape")).hexdigest()[:16]
