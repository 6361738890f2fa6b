"""Write a bundle: a folder with a dense model in every format and the programs that run it on a device.

Dimensions: N reference clips, T frames, D features of the CNN, d inputs of the model.
"""

import hashlib
import json
import re
import shutil
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from vibhar.compression.sizes import count_parameters
from vibhar.edge.c_files import write_c_files
from vibhar.edge.dense import Dense, arrays_of, count_multiply_adds
from vibhar.edge.onnx_files import export_onnx, quantise

DEVICE = Path(__file__).parent / "device"


def write_bundle(
    dense: Dense,
    folder: Path,
    *,
    reference: Float[Tensor, "N T D"],
    facts: dict[str, Any],
    int8: bool = False,
) -> None:
    """Write the bundle to an empty `folder`. `facts` for bundle.json: classes, features, sampling, cnn, source.

    `reference` are the features of some clips. Their logits are stored, and every runtime on the device must reproduce
    them. `int8` adds a quantised ONNX file.
    """
    model, kept = dense.model, reference[..., dense.inputs].contiguous()
    shutil.copytree(DEVICE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    arrays: dict[str, Any] = {name: tensor.numpy() for name, tensor in arrays_of(model).items()}
    np.savez(folder / "weights.npz", **arrays)
    with torch.inference_mode():
        np.savez(folder / "reference.npz", features=kept.numpy(), logits=model(kept).numpy())
    export_onnx(model, kept[:1], folder / "model.onnx", name="features", free=(0, 1))
    if int8:
        quantise(folder / "model.onnx", folder / "model.int8.onnx")
    write_c_files(model, folder)
    own = {
        "cell": "lstm" if isinstance(model.recurrent, torch.nn.LSTM) else "gru",
        "hidden": model.recurrent.hidden_size,
        "inputs": dense.inputs.tolist(),
        "readout": model.readout,
        "parameters": count_parameters(model.recurrent.parameters()),
        "head_parameters": count_parameters(model.head.parameters()),
        "multiply_adds": count_multiply_adds(model, kept.shape[1]),
        "onnxruntime": pinned_version("onnxruntime"),
    }
    text = json.dumps(own | facts, indent=1, ensure_ascii=True) + "\n"
    folder.joinpath("bundle.json").write_text(text, encoding="utf-8")
    write_manifest(folder)


def pinned_version(package: str) -> str:
    """The one version of a package that this project is made for, as its own requirements say."""
    pins = (re.fullmatch(rf"{package}\s*==\s*([\w.]+).*", line) for line in requires("vibhar") or [])
    return next(pin[1] for pin in pins if pin)


def write_manifest(folder: Path) -> None:
    """Write the SHA-256 of every file, for `sha256sum --check manifest.sha256`."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != "manifest.sha256")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    folder.joinpath("manifest.sha256").write_text("".join(lines))


def size_without_cnn(folder: Path) -> int:
    """Return the size of a bundle in bytes, without its CNN."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.name != "cnn.onnx")
