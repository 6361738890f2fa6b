"""Read features that were computed elsewhere: one file per clip, which holds an array [frames, dim]."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped
from safetensors import safe_open

from vibhar.errors import InputError, few

KEY = "features"  # the array that is taken where a file holds several
LARGEST = float(np.finfo(np.float16).max)  # the feature store is float16


class UnreadableArray(Exception):
    """A file does not hold the features of a clip; the text is the reason."""


def read_array(path: Path) -> Shaped[np.ndarray, "T D"]:
    """Return the features of one clip: real numbers of any type, all finite and within float16's range.

    Raises UnreadableArray with the reason if the file holds no such array, and InputError if its format is not
    supported.
    """
    try:
        array = np.asarray(READERS[path.suffix.lower()](path))
    except (InputError, UnreadableArray):
        raise
    except Exception as error:  # every library has its own exceptions for a file that is not what it says
        reason = (str(error).splitlines() or [""])[0]
        raise UnreadableArray(f"{type(error).__name__}: {reason}") from error
    check_array(array)
    return array


def check_array(array: np.ndarray) -> None:
    """Raise UnreadableArray if `array` cannot be the features of a clip: wrong type, shape or range."""
    if array.dtype.kind not in "fiu":
        raise UnreadableArray(f"an array of {array.dtype}, not of real numbers")
    if array.ndim != 2:
        raise UnreadableArray(f"an array of shape {list(array.shape)}, not [frames, dim]")
    if not array.size:
        raise UnreadableArray(f"an empty array of shape {list(array.shape)}")
    if not np.isfinite(array).all():
        raise UnreadableArray("not all values are finite")
    if max(array.max(), -array.min()) > LARGEST:
        raise UnreadableArray("values beyond float16's range")


def hash_array(array: Shaped[np.ndarray, "T D"]) -> str:
    """A hash of the shape and the values as the feature store keeps them, whatever their type in the file."""
    stored = np.ascontiguousarray(array, np.float16) + np.float16(0)  # -0 is 0
    return hashlib.blake2b(f"{array.shape}".encode() + stored.tobytes(), digest_size=16).hexdigest()


def read_numpy(path: Path) -> np.ndarray:
    """Return the array of an .npy or .npz file; pickled objects are refused."""
    with path.open("rb") as stream:
        loaded = np.load(stream)
        return loaded if isinstance(loaded, np.ndarray) else choose_array(loaded)


def read_safetensors(path: Path) -> np.ndarray:
    """Return the array of a .safetensors file. It is read through torch, because NumPy has no bfloat16."""
    with safe_open(path, framework="pt") as file:
        tensor = choose_array({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118 (not a dict)
    return (tensor.float() if tensor.is_floating_point() else tensor).numpy()


def read_matlab(path: Path) -> np.ndarray:
    """Return the array of a .mat file of MATLAB 5 to 7.2. Raises InputError for MATLAB 7.3."""
    with path.open("rb") as stream:
        if stream.read(10) == b"MATLAB 7.3":
            raise InputError(
                f"{path} is a MATLAB file of version 7.3, which is HDF5 and is not read here. Save the arrays with "
                "MATLAB's option '-v7', or as .npy files."
            )
    from scipy.io import loadmat  # slow to import, and needed for this format alone

    return choose_array({name: array for name, array in loadmat(path).items() if not name.startswith("__")})


def choose_array(arrays: Mapping[str, Any]) -> Any:
    """Return the array called `features`, or the only array. Raises UnreadableArray if neither exists."""
    if KEY in arrays:
        return arrays[KEY]
    if len(arrays) != 1:
        names = f" ({few(sorted(arrays))})" if arrays else ""
        raise UnreadableArray(f"{len(arrays)} arrays{names}, of which none is called `{KEY}`")
    return next(iter(arrays.values()))


READERS = {".npy": read_numpy, ".npz": read_numpy, ".mat": read_matlab, ".safetensors": read_safetensors}
