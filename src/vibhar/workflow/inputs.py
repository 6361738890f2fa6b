"""What can be known to be wrong before any job starts: the videos, arrays, lists and weights that a config names."""

import hashlib
import json
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

from vibhar.datasets import check_splits, list_dataset
from vibhar.datasets.clip_list import list_arrays
from vibhar.datasets.surveying import find_arrays, find_clips, find_unused
from vibhar.errors import InputError
from vibhar.videos.sampling import shard_of
from vibhar.workflow.config import RESULTS, cnns_of

Config = dict[str, Any]

NAMED_WEIGHTS = ("imagenet", "random", "rendered", "none")
INDEX_KEYS = ("kind", "classes", "splits_root", "split_file", "folds", "validation", "group_pattern")
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
        if dataset["kind"] == "features" and dataset["split_file"]:
            raise InputError("The list `clips` says the splits of features. Write them there, and no `split_file`.")
        check_braces(dataset["split_file"] or "")
        if dataset["kind"] == "features":
            check_braces(dataset["clips"])
            list_arrays(Path(dataset["clips"]), root, **{key: dataset[key] for key in ARRAYS_KEYS})
        else:
            listing = list_dataset(root=root, **{key: dataset[key] for key in INDEX_KEYS})
            check_splits(list(listing.clips.columns), dataset["splits"], listing.lists)
    except InputError as error:
        raise InputError(f"Dataset `{name}`: {error}") from error


def check_braces(file: str) -> None:
    """Raise InputError where Snakemake would take a part of the name for a wildcard."""
    if {*file} & {*"{}"}:
        raise InputError(f"The name of the file {file} has braces, which Snakemake takes for wildcards. Rename it.")


@cache
def fingerprint_shards(root: str, settings: str, shards: int) -> list[str]:
    """A hash of the names and sizes of each shard's clips; `settings` is the JSON of the dataset's kind and classes."""
    clips = find_clips(root=Path(root), **json.loads(settings))
    shard = clips["clip"].map(partial(shard_of, shards=shards))
    return [hash_sizes(root, clips["path"][shard == number]) for number in range(shards)]


@cache
def fingerprint_arrays(root: str) -> str:
    """The same of a folder of arrays."""
    return hash_sizes(root, find_arrays(Path(root)))


@cache
def fingerprint_unused(root: str, kind: str, *tables: str) -> str:
    """A hash of the names of the files below `root` that are not used, and of the reasons."""
    unused = find_unused(kind, Path(root), tables)
    return hashlib.sha256(json.dumps(unused, sort_keys=True).encode()).hexdigest()[:16]


@cache
def fingerprint_file(path: str) -> str:
    """A hash of what a file holds."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]


def hash_sizes(root: str, paths: Iterable[str]) -> str:
    """A hash of the names and sizes of some files below `root`."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path}\0{Path(root, path).stat().st_size}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()[:16]
