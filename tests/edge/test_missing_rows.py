"""A runtime that is not on the machine leaves its row in the table, with the reason."""

from pathlib import Path

import numpy as np
import pytest

from tests.edge.models import make_bundle, make_classifier
from vibhar.edge.summary import summarise_samples
from vibhar.stages.edge.latency import bench_arguments
from vibhar.stages.edge.runtime_accuracy import predict
from vibhar.stages.edge.table_pi import bundle_rows

SIZES = {"runtimes": ["numpy"], "batches": [1], "queries": 16, "seconds": 0, "warmup": 0}


def test_a_runtime_that_died_has_a_row_and_no_accuracy(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "vib", make_classifier(20, 9))
    missing = {"bundle": "vib", "runtime": "onnxruntime", "reason": "onnxruntime died of SIGILL"}
    accuracies = {"onnxruntime": {"missing": "onnxruntime died of SIGILL"}}
    settings = {"runtimes": ["onnxruntime"], "batches": [1]}
    facts = {"inputs": [], "note": "2 clips crossing"}
    rows = list(bundle_rows(bundle, facts, accuracies, summarise_samples([]), {"missing": [missing]}, settings))
    assert [row["note"] for row in rows] == ["onnxruntime died of SIGILL; 2 clips crossing"]
    assert "accuracy" not in rows[0]


def test_the_accuracy_of_a_runtime_that_dies_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = make_bundle(tmp_path / "vib", make_classifier(20, 9))
    (tmp_path / "onnxruntime.py").write_text("import os; os.kill(os.getpid(), 4)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    features = np.zeros((2, 8, 64), np.float32)
    assert predict(bundle, "onnxruntime", features) == "onnxruntime died of SIGILL"
    assert np.shape(predict(bundle, "numpy", features)) == (2,)


@pytest.mark.parametrize(("core", "words"), [(None, []), (1, ["--core", "1"])])
def test_the_core_of_the_config(tmp_path: Path, core: int | None, words: list[str]) -> None:
    arguments = bench_arguments([tmp_path], SIZES | {"core": core})
    assert arguments[arguments.index("--warmup") + 2 :] == words
