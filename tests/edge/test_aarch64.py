"""Bundles on a Raspberry Pi 3's processor, which lacks what libraries come to rely on, release by release."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from torch import nn

from tests.edge.aarch64 import Aarch64, run_program
from tests.edge.models import make_bundle, make_classifier

CELLS = [nn.LSTM, nn.GRU]


@pytest.mark.parametrize("cell", CELLS)
def test_a_bundle_agrees_with_the_host(aarch64: Aarch64, tmp_path: Path, cell: type) -> None:
    bundle = make_bundle(tmp_path / "naive", make_classifier(49, 9, cell=cell))
    done = aarch64.python(["bench.py", "--check", "--runtimes", "numpy", "onnxruntime", "onnxruntime-int8"], bundle)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    agreements = {event["runtime"]: event for event in events if event["event"] == "agreement"}
    assert agreements.keys() == {"numpy", "onnxruntime", "onnxruntime-int8"}
    assert agreements["onnxruntime"]["version"] == onnxruntime.__version__
    assert all(event["largest_difference"] <= 1e-5 for event in agreements.values() if event["exact"])
    assert events[0]["architecture"] == "aarch64" and events[0]["emulated"]


@pytest.mark.parametrize("cell", CELLS)
def test_the_c_form_agrees_with_the_host(tmp_path: Path, cell: type) -> None:
    bundle = make_bundle(tmp_path / "vib", make_classifier(49, 9, cell=cell))
    with np.load(bundle / "reference.npz") as reference:
        features, expected = reference["features"], reference["logits"]
    sizes = [*map(str, features.shape[:2]), "1", "0"]
    answer = run_program([bundle / "recurrent.c", bundle / "weights.S"], sizes, features.tobytes())
    logits = np.frombuffer(answer, np.float32, expected.size).reshape(expected.shape)
    np.testing.assert_allclose(logits, expected, atol=1e-5)


def test_predict_classifies(aarch64: Aarch64, tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "vib", make_classifier(49, 9))
    with np.load(bundle / "reference.npz") as reference:
        np.save(tmp_path / "clip.npy", reference["features"][0])
        label = int(reference["logits"][0].argmax())
    done = aarch64.python(["predict.py", tmp_path / "clip.npy", "--runtime", "onnxruntime"], bundle)
    assert done.stdout.startswith(f"class {label}\t"), done.stderr
