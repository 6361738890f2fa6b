"""Bundles: every form of a model computes the same, the folder is small, and predict.py says what is wrong."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tests.edge.models import make_bundle, make_classifier
from vibhar.compression.modules import VIBLSTM
from vibhar.edge.bundle import size_without_cnn
from vibhar.edge.dense import densify
from vibhar.errors import InputError
from vibhar.models.temporal_segments import TemporalSegments


def call(bundle: Path, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A program of the bundle, from another folder, as a stranger would call it."""
    command = [sys.executable, str(bundle / program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)


def events(lines: str, kind: str) -> list[dict]:
    said = [json.loads(line) for line in lines.splitlines()]
    return [event for event in said if event["event"] == kind]


@pytest.mark.parametrize("readout", ["last", "mean"])
@pytest.mark.parametrize(("cell", "inputs", "hidden"), [(nn.LSTM, 49, 9), (nn.GRU, 20, 5), (nn.LSTM, 64, 33)])
def test_every_runtime_gives_the_classifiers_logits(
    tmp_path: Path, cell: type, inputs: int, hidden: int, readout: str
) -> None:
    classifier = make_classifier(inputs, hidden, cell=cell, readout=readout)
    bundle = make_bundle(tmp_path / "vib", classifier)
    features = torch.randn(7, 13, 64)
    np.save(tmp_path / "features.npy", features[..., densify(classifier, 64).inputs].numpy())
    with torch.inference_mode():
        expected = classifier(features).numpy()
    for runtime in ("onnxruntime", "numpy", "c", "torch"):
        done = call(bundle, "runtimes.py", bundle, runtime, tmp_path / "features.npy", tmp_path / "logits.npy")
        assert done.returncode == 0, done.stderr
        np.testing.assert_allclose(np.load(tmp_path / "logits.npy"), expected, atol=1e-5, err_msg=runtime)


def test_extreme_features_overflow_nowhere(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "vib", make_classifier(49, 9))
    features = np.full((2, 8, 49), 1e4, np.float32) * np.array([1, -1], np.float32)[:, None, None]
    np.save(tmp_path / "features.npy", features)
    answers = []
    for runtime in ("torch", "onnxruntime", "numpy", "c"):
        call(bundle, "runtimes.py", bundle, runtime, tmp_path / "features.npy", tmp_path / "logits.npy")
        answers.append(np.load(tmp_path / "logits.npy"))
    for answer in answers[1:]:
        np.testing.assert_allclose(answer, answers[0], atol=1e-5)


def test_check_tells_each_runtime(tmp_path: Path) -> None:
    done = call(make_bundle(tmp_path / "naive", make_classifier(64, 16)), "bench.py", "--check")
    assert done.returncode == 0, done.stderr
    agreements = {event["runtime"]: event for event in events(done.stdout, "agreement")}
    assert set(agreements) == {"onnxruntime", "onnxruntime-int8", "numpy", "c", "torch"}
    assert all(event["largest_difference"] <= 1e-5 for event in agreements.values() if event["exact"])
    assert 1e-5 < agreements["onnxruntime-int8"]["largest_difference"] < 0.5


def test_check_fails_where_weights_were_changed(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "vib", make_classifier(49, 9))
    with np.load(bundle / "weights.npz") as file:
        arrays = dict(file)
    np.savez(bundle / "weights.npz", **arrays | {"head_bias": arrays["head_bias"] + 1e-3})
    done = call(bundle, "bench.py", "--check", "--runtimes", "numpy", "onnxruntime")
    assert done.returncode != 0
    assert [event["agrees"] for event in events(done.stdout, "agreement")] == [False, True]
    assert "differs from the host" in done.stderr


def test_a_compressed_bundle_is_small(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "vib", make_classifier(49, 9, features=2048, classes=11), features=2048)
    assert size_without_cnn(bundle) < 100_000
    sources = ["recurrent.c", "weights.S", "-o", str(tmp_path / "recurrent")]
    subprocess.run(["cc", "-std=gnu11", "-O3", "-static", *sources], cwd=bundle, check=True)
    assert (tmp_path / "recurrent").stat().st_size < 1_000_000


def test_the_manifest_has_every_file(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "vib", make_classifier(49, 9))
    lines = [line.split("  ") for line in (bundle / "manifest.sha256").read_text().splitlines()]
    assert {name for _, name in lines} == {path.name for path in bundle.iterdir()} - {"manifest.sha256"}
    assert all(hashlib.sha256((bundle / name).read_bytes()).hexdigest() == digest for digest, name in lines)


def test_what_has_no_bundle_is_refused() -> None:
    gated = make_classifier(49, 9)
    gated.recurrent = VIBLSTM(49, 9, batch_first=True)
    segmented = make_classifier(49, 9)
    segmented.segments = TemporalSegments(49, 2, pool=False)
    for classifier in (gated, segmented):
        with pytest.raises(InputError, match="one layer of a plain LSTM"):
            densify(classifier, 64)


@pytest.mark.parametrize("name", ["$x$ & 50%_{a}^b\\c", "跑步 ركض 🏃", " two\nlines\tand a tab", "x" * 300])
def test_predict_says_classes_of_any_name_on_one_line(tmp_path: Path, name: str) -> None:
    bundle = make_bundle(tmp_path / "vib", make_classifier(20, 9), classes=[name] * 5)
    assert (bundle / "bundle.json").read_bytes().isascii()
    np.save(tmp_path / "all.npy", np.zeros((8, 64), np.float32))
    done = call(bundle, "predict.py", tmp_path / "all.npy")
    label, _, probability = done.stdout.removesuffix("\n").partition("\t")
    assert (label, done.stdout.count("\n")) == (name.replace("\n", "\\n").replace("\t", "\\t"), 1)
    assert 0 < float(probability) <= 1


def test_predict_takes_all_features_or_the_kept_ones(tmp_path: Path) -> None:
    classifier = make_classifier(20, 9)
    bundle = make_bundle(tmp_path / "vib", classifier)
    features = torch.randn(8, 64)
    with torch.inference_mode():
        probabilities = classifier(features[None])[0].softmax(dim=0)
    expected = f"class {int(probabilities.argmax())}\t{float(probabilities.max()):.4f}\n"
    np.save(tmp_path / "all.npy", features.numpy())
    np.save(tmp_path / "kept.npy", features[:, classifier.inputs].numpy())
    assert call(bundle, "predict.py", tmp_path / "all.npy").stdout == expected
    for runtime in ("numpy", "onnxruntime", "c"):
        assert call(bundle, "predict.py", tmp_path / "kept.npy", "--runtime", runtime).stdout == expected


BAD: dict[str, tuple[np.ndarray, str]] = {
    "a width that is none": (np.zeros((8, 63), np.float32), "must hold floats"),
    "no frames": (np.zeros((0, 64), np.float32), "must hold floats"),
    "a clip too many": (np.zeros((1, 8, 64), np.float32), "must hold floats"),
    "integers": (np.zeros((8, 64), np.int64), "must hold floats"),
    "pickled objects": (np.array([{}], object), "not a readable .npy"),
}


@pytest.mark.parametrize("name", BAD)
def test_predict_says_what_is_wrong_with_an_array(tmp_path: Path, name: str) -> None:
    array, message = BAD[name]
    np.save(tmp_path / "bad.npy", array, allow_pickle=True)
    done = call(make_bundle(tmp_path / "vib", make_classifier(20, 9)), "predict.py", tmp_path / "bad.npy")
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr


def test_predict_says_that_there_is_no_file_or_no_cnn(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "vib", make_classifier(20, 9))
    assert "not a readable" in call(bundle, "predict.py", tmp_path / "none.npy").stderr
    assert "has no cnn.onnx" in call(bundle, "predict.py", tmp_path / "clip.avi").stderr


def test_a_missing_compiler_is_told_and_the_rest_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    done = call(
        make_bundle(tmp_path / "vib", make_classifier(20, 9)), "bench.py", "--check", "--runtimes", "c", "numpy"
    )
    assert done.returncode == 0
    assert "no C compiler" in events(done.stdout, "missing")[0]["reason"]
    assert [event["runtime"] for event in events(done.stdout, "agreement")] == ["numpy"]


def test_the_bundle_needs_nothing_of_this_project(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "vib", make_classifier(20, 9))
    moved = shutil.move(bundle, tmp_path / "elsewhere with spaces")
    numpy_alone = tmp_path / "site"
    numpy_alone.mkdir()
    for path in Path(np.__file__).parents[1].glob("numpy*"):
        (numpy_alone / path.name).symlink_to(path)
    environment = {"PYTHONPATH": str(numpy_alone), "PATH": "/usr/bin:/bin"}
    base = str(Path(sys.base_prefix, "bin", "python3"))
    command = [base, "-S", str(Path(moved, "bench.py")), "--check"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd="/", check=False)
    assert done.returncode == 0, done.stderr
    assert {event["runtime"] for event in events(done.stdout, "agreement")} == {"numpy", "c"}
    assert {event["runtime"] for event in events(done.stdout, "missing")} == {
        "onnxruntime",
        "onnxruntime-int8",
        "torch",
    }
