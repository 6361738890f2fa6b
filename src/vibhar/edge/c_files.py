"""Write the files that the C program of a bundle needs: sizes.h and weights.bin."""

from pathlib import Path

import numpy as np
from jaxtyping import Float

from vibhar.edge.dense import DenseClassifier, arrays_of

LANES = 8  # as in recurrent.c


def write_c_files(model: DenseClassifier, folder: Path) -> None:
    """Write sizes.h (macros) and weights.bin (float32, in the order of `weights` in recurrent.c)."""
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
    if gates == 4:  # an LSTM only uses their sum
        bias_input, bias_hidden = bias_input + bias_hidden, np.zeros_like(bias_hidden)
    matrices = [arrays["weight_ih"], arrays["weight_hh"], bias_input[:, None], bias_hidden[:, None]]
    matrices += [arrays["head_weight"], arrays["head_bias"][:, None]]
    with folder.joinpath("weights.bin").open("wb") as stream:
        for matrix in matrices:
            in_blocks(matrix).astype("<f4").tofile(stream)


def in_blocks(matrix: Float[np.ndarray, "R K"]) -> Float[np.ndarray, "R/8 K 8"]:
    """Reorder a matrix into blocks of 8 rows, column by column; the last block is padded with zeros."""
    rows, columns = matrix.shape
    padded = np.pad(matrix, ((0, -rows % LANES), (0, 0)))
    return padded.reshape(-1, LANES, columns).transpose(0, 2, 1)
