"""Bundles on a Raspberry Pi 3's processor, which lacks what libraries come to rely on, release by release."""

import json
import subprocess
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from torch import nn

from tests.edge.aarch64 import compile_arm, run_arm
from tests.edge.models import make_bundle, make_classifier
from tests.edge.sshd import serve
from vibhar.edge.measuring import run_bundles

CELLS = [nn.LSTM, nn.GRU]
CHECK = ["--check", "--runtimes", "numpy", "onnxruntime", "onnxruntime-int8"]


def check_agreements(lines: list[str]) -> None:
    events = [json.loads(line) for line in lines]
    agreements = {event["runtime"]: event for event in events if event["event"] == "agreement"}
    assert agreements.keys() == {"numpy", "onnxruntime", "onnxruntime-int8"}
    assert agreements["onnxruntime"]["version"] == onnxruntime.__version__
    assert all(event["largest_difference"] <= 1e-5 for event in agreements.values() if event["exact"])
    assert events[0]["architecture"] == "aarch64" and events[0]["emulated"]


@pytest.mark.parametrize("cell", CELLS)
def test_a_bundle_agrees_with_the_host(arm_python: Path, tmp_path: Path, cell: type) -> None:
    bundle = make_bundle(tmp_path / "naive", make_classifier(49, 9, cell=cell))
    done = run_arm([arm_python, "bench.py", *CHECK], bundle)
    assert done.returncode == 0, done.stderr
    check_agreements(done.stdout.splitlines())


def test_a_bundle_agrees_on_a_board_over_ssh(arm_python: Path, tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "naive", make_classifier(49, 9))
    with serve(tmp_path / "board", path=arm_python.parent) as server:
        check_agreements(list(run_bundles([bundle], "naive/bench.py", CHECK, server.board)))


@pytest.mark.parametrize("cell", CELLS)
def test_the_c_form_agrees_with_the_host(tmp_path: Path, cell: type) -> None:
    bundle = make_bundle(tmp_path / "vib", make_classifier(49, 9, cell=cell))
    with np.load(bundle / "reference.npz") as reference:
        features, expected = reference["features"], reference["logits"]
    program = compile_arm(bundle / "recurrent.c", bundle / "weights.S")
    sizes = [*map(str, features.shape[:2]), "1", "0"]
    answer = subprocess.run([*program, *sizes], input=features.tobytes(), stdout=subprocess.PIPE, check=True).stdout
    logits = np.frombuffer(answer, np.float32, expected.size).reshape(expected.shape)
    np.testing.assert_allclose(logits, expected, atol=1e-5)


def test_predict_classifies(arm_python: Path, tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "vib", make_classifier(49, 9))
    with np.load(bundle / "reference.npz") as reference:
        np.save(tmp_path / "clip.npy", reference["features"][0])
        label = int(reference["logits"][0].argmax())
    done = run_arm([arm_python, "predict.py", tmp_path / "clip.npy", "--runtime", "onnxruntime"], bundle)
    assert done.stdout.startswith(f"class {label}\t"), done.stderr
