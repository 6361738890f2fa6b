"""Features of several CNNs side by side: a small file names their stores, and each frame is joined when it is read.

The file is JSON. For each part it has the path, relative to the file's folder, the shape, and the digest of the part's
checksums, so that the file changes with what the parts hold.
"""

import json
from dataclasses import dataclass
from os.path import relpath
from pathlib import Path

import numpy as np
from jaxtyping import Float16

from vibhar.errors import InputError
from vibhar.files.checked_arrays import Index, StoredArray, open_array
from vibhar.files.writing import write_json

SUFFIX = ".json"


@dataclass(frozen=True)
class JoinedArray:
    """Features [clip, view, crop, frame, sum of the parts' dims]; nothing of them is on the disk twice."""

    parts: tuple[StoredArray, ...]

    def __len__(self) -> int:
        return len(self.parts[0])

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of all axes."""
        return (*self.parts[0].shape[:-1], sum(part.shape[-1] for part in self.parts))

    def __getitem__(self, index: Index) -> Float16[np.ndarray, "*chosen D"]:
        """Return the features of chosen frames, as a StoredArray does. Raises InputError if one is damaged."""
        return np.concatenate([part[index] for part in self.parts], axis=-1)


def write_fused(stores: list[Path], path: Path) -> None:
    """Write the file that joins the features of `stores`. Raises ValueError if they differ in more than the dims."""
    arrays = [open_array(store) for store in stores]
    if len({array.shape[:-1] for array in arrays}) != 1:
        raise ValueError(f"{[array.shape for array in arrays]} are not shapes of features of the same frames")
    parts = [
        {"store": relpath(array.path, path.parent), "shape": array.shape, "digest": array.digest.hex()}
        for array in arrays
    ]
    write_json({"parts": parts}, path)


def open_features(store: Path) -> StoredArray | JoinedArray:
    """Open a store of one CNN, or of fused ones. Raises InputError if it is damaged, or a part is not as it was."""
    if store.suffix != SUFFIX:
        return open_array(store)
    try:
        parts = [
            (part["store"], tuple(part["shape"]), part["digest"]) for part in json.loads(store.read_text())["parts"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{store} does not name the parts of fused features; it was damaged after it was written. Delete it and "
            "run this again: it is made in a moment."
        ) from error
    return JoinedArray(tuple(open_part(store, *part) for part in parts))


def open_part(store: Path, name: str, shape: tuple[int, ...], digest: str) -> StoredArray:
    """Open one part of a fused store. Raises InputError if it is missing, or not the one that the store names."""
    path = store.parent / name
    try:
        part = open_array(path)
    except FileNotFoundError as error:
        raise InputError(
            f"The fused features {store} are in part those of {path}, which is not there. Run this again by Snakemake, "
            "which makes what is missing."
        ) from error
    if (part.shape, part.digest.hex()) != (shape, digest):
        raise InputError(
            f"The fused features {store} were joined of another {path} than the one that is there now. Delete {store} "
            "and run this again: it is made in a moment."
        )
    return part
