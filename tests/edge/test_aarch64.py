"""What runs on a Raspberry Pi 3: its processor lacks what libraries come to rely on, release by release."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from tests.edge.aarch64 import Aarch64, run_program

MULTIPLY = """
import platform
import numpy as np
a, b = np.load("a.npy"), np.load("b.npy")
np.save("product.npy", a @ b)
print(platform.machine())
"""
INFER = """
import numpy as np
import onnxruntime
session = onnxruntime.InferenceSession("lstm.onnx", providers=["CPUExecutionProvider"])
np.save("hidden.npy", session.run(["hidden"], {"input": np.load("input.npy")})[0])
print(onnxruntime.__version__)
"""
HELLO = """
#include <math.h>
#include <stdio.h>
int main(int count, char **words) { return printf("%s %.6f\\n", words[count - 1], tanh(0.5)) < 0; }
"""
T, B, D, H = 5, 1, 7, 6


def run(aarch64: Aarch64, program: str, folder: Path) -> str:
    done = aarch64.python(["-c", program], folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_numpy_multiplies(aarch64: Aarch64, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    a, b = random.standard_normal((2, 64, 64)).astype(np.float32)
    np.save(tmp_path / "a.npy", a)
    np.save(tmp_path / "b.npy", b)
    assert run(aarch64, MULTIPLY, tmp_path) == "aarch64"
    np.testing.assert_allclose(np.load(tmp_path / "product.npy"), a @ b, atol=1e-4)


def test_onnxruntime_runs_an_lstm(aarch64: Aarch64, tmp_path: Path) -> None:
    torch.manual_seed(0)
    lstm, x = torch.nn.LSTM(D, H), torch.randn(T, B, D)
    onnx.save(as_onnx(lstm), tmp_path / "lstm.onnx")
    np.save(tmp_path / "input.npy", x.numpy())
    assert run(aarch64, INFER, tmp_path) == onnxruntime.__version__
    hidden = lstm(x)[0].detach().numpy()
    np.testing.assert_allclose(np.load(tmp_path / "hidden.npy")[:, 0], hidden, atol=1e-5)


def as_onnx(lstm: torch.nn.LSTM) -> onnx.ModelProto:
    """The network as ONNX's operator, whose gates are in the order i, o, f, c; torch's are i, f, c, o."""
    order = np.concatenate([np.arange(H) + gate * H for gate in (0, 3, 1, 2)])
    values = {name: value.detach().numpy()[order] for name, value in lstm.named_parameters()}
    weights = {
        "W": values["weight_ih_l0"][None],
        "R": values["weight_hh_l0"][None],
        "B": np.concatenate([values["bias_ih_l0"], values["bias_hh_l0"]])[None],
    }
    graph = helper.make_graph(
        [helper.make_node("LSTM", ["input", *weights], ["hidden"], hidden_size=H)],
        "lstm",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [T, B, D])],
        [helper.make_tensor_value_info("hidden", TensorProto.FLOAT, [T, 1, B, H])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    return helper.make_model(graph)


def test_compiled_c_runs(tmp_path: Path) -> None:
    (tmp_path / "hello.c").write_text(HELLO)
    done = run_program(tmp_path / "hello.c", ["hello"], tmp_path)
    assert done.stdout == f"hello {np.tanh(0.5):.6f}\n", done.stderr
