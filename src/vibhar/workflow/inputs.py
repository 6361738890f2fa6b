"""Check a config's input files before any job starts, and fingerprint them for cache keys."""

import hashlib
import json
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from vibhar.datasets import check_splits, find_lists, list_dataset
from vibhar.datasets.clip_list import list_arrays
from vibhar.datasets.surveying import find_arrays, find_clips, find_unused
from vibhar.errors import InputError
from vibhar.files.contents import hash_contents
from vibhar.videos.sampling import shard_of
from vibhar.workflow.config_queries import RESULTS, cnns_of

Config = dict[str, Any]

MEMORY = Path(".snakemake/contents.json")  # of hashes of the user's own files
NAMED_WEIGHTS = ("imagenet", "random", "rendered", "none")
INDEX_KEYS = ("kind", "classes", "splits_root", "split_file", "folds", "validation", "group_pattern")
ARRAYS_KEYS = ("classes", "splits", "validation")


def check_inputs(config: Config) -> None:
    """Raise InputError if a dataset or weights file that the config's results need cannot be used."""
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
    """Check a dataset's folders, lists and splits. Raises InputError with the name of the dataset."""
    root = Path(dataset["root"])
    try:
        if dataset["kind"] == "features" and dataset["split_file"]:
            raise InputError("The list `clips` says the splits of features. Write them there, and no `split_file`.")
        if dataset["kind"] == "features":
            check_braces(dataset["clips"])
            list_arrays(Path(dataset["clips"]), root, **{key: dataset[key] for key in ARRAYS_KEYS})
        else:
            listing = list_dataset(root=root, **{key: dataset[key] for key in INDEX_KEYS})
            check_splits(list(listing.clips.columns), dataset["splits"], listing.lists)
    except InputError as error:
        raise InputError(f"Dataset `{name}`: {error}") from error


def check_braces(file: str) -> None:
    """Raise InputError if a file name has braces, which Snakemake would read as a wildcard."""
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
def fingerprint_unused(root: str, kind: str, *tables: str) -> str:
    """A hash of the names of the files below `root` that are not used, and of the reasons."""
    unused = find_unused(kind, Path(root), tables)
    return hashlib.sha256(json.dumps(unused, sort_keys=True).encode()).hexdigest()[:16]


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
