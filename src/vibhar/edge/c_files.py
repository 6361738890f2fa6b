"""What the C form of a bundle needs beside its source: sizes.h and weights.bin."""

from pathlib import Path

import numpy as np
from jaxtyping import Float

from vibhar.edge.dense import DenseClassifier, arrays_of

LANES = 8  # as in recurrent.c


def write_c_files(model: DenseClassifier, folder: Path) -> None:
    """Write the sizes as macros, and the float32 weights in the order of `weights` in recurrent.c."""
    arrays = {name: tensor.numpy() for name, tensor in arrays_of(model).items()}
    gates = len(arrays["weight_hh"]) // model.recurrent.hidden_size
    sizes = {
        "INPUTS": model.recurrent.input_size,
        "HIDDEN": model.recurrent.hidden_size,
        "CLASSES": model.head.out_features,
        "GATES": gates,
        "READOUT_MEAN": int(model.readout == "mean"),
    }
    folder.joinpath("sizes.h").write_text("".join(f"#define {name} {size}\n" for name, size in sizes.items()))
    bias_input, bias_hidden = arrays["bias_ih"], arrays["bias_hh"]
    if gates == 4:  # an LSTM only ever adds the two
        bias_input, bias_hidden = bias_input + bias_hidden, np.zeros_like(bias_hidden)
    matrices = [arrays["weight_ih"], arrays["weight_hh"], bias_input[:, None], bias_hidden[:, None]]
    matrices += [arrays["head_weight"], arrays["head_bias"][:, None]]
    with folder.joinpath("weights.bin").open("wb") as stream:
        for matrix in matrices:
            in_blocks(matrix).astype("<f4").tofile(stream)


def in_blocks(matrix: Float[np.ndarray, "R K"]) -> Float[np.ndarray, "R/8 K 8"]:
    """Blocks of 8 rows, column after column; the last is filled up with zeros."""
    rows, columns = matrix.shape
    padded = np.pad(matrix, ((0, -rows % LANES), (0, 0)))
    return padded.reshape(-1, LANES, columns).transpose(0, 2, 1)
