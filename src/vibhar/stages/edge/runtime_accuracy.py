"""Stage: evaluate every runtime of a bundle on the test part, and compare it with torch."""

import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from vibhar.edge.runtimes import EXACT, MISSING
from vibhar.features.store import open_split
from vibhar.files.writing import write_json
from vibhar.stages.command import Settings, run


def measure_accuracy(*, bundle: Path, store: Path, clips: Path, accuracy: Path, settings: Settings) -> None:
    """Write the accuracy of each runtime, and on how many clips its class differs from torch's.

    Raises RuntimeError if an exact runtime predicts another class for any clip. `settings`: runtimes, split, strategy.
    """
    data = open_split(store, clips, settings["split"], strategy=settings["strategy"]).test
    batches = list(data.ordered_batches(256))
    features = np.concatenate([x.numpy() for x, _ in batches])
    labels = np.concatenate([y.numpy() for _, y in batches])
    torch_s = predict(bundle, "torch", features)
    if isinstance(torch_s, str):
        raise RuntimeError(f"torch is what the others are compared with: {torch_s}")
    answers = {"torch": torch_s} | {
        name: predict(bundle, name, features) for name in settings["runtimes"] if name != "torch"
    }
    report = {name: compare(answer, torch_s, labels) for name, answer in answers.items()}
    write_json(report, accuracy)
    wrong = [name for name in EXACT if report.get(name, {}).get("differing")]
    if wrong:
        raise RuntimeError(f"{', '.join(wrong)} predict other classes than torch from {bundle}: see {accuracy}")


def predict(bundle: Path, runtime: str, features: Float[np.ndarray, "N T D"]) -> Int[np.ndarray, " N"] | str:
    """Predict every clip's class by the bundle's own program; return why if the runtime is not installed."""
    inputs = json.loads((bundle / "bundle.json").read_text())["inputs"]
    with tempfile.TemporaryDirectory() as folder:
        given, answered = Path(folder, "features.npy"), Path(folder, "logits.npy")
        np.save(given, np.ascontiguousarray(features[..., inputs], np.float32))
        command = [sys.executable, str(bundle / "runtimes.py"), str(bundle), runtime, str(given), str(answered)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
        if done.returncode == MISSING:
            return done.stderr.strip()
        if done.returncode < 0:
            return f"{runtime} died of {signal.Signals(-done.returncode).name}"
        if done.returncode:
            raise RuntimeError(f"{bundle} fails in {runtime}: {done.stderr}")
        return np.load(answered).argmax(axis=1)


def compare(
    answer: Int[np.ndarray, " N"] | str, expected: Int[np.ndarray, " N"], labels: Int[np.ndarray, " N"]
) -> dict[str, Any]:
    """Return accuracy in [0, 1] and the number of classes unlike torch's; or why the runtime is missing."""
    if isinstance(answer, str):
        return {"missing": answer}
    right, differing = (answer == labels).mean(), (answer != expected).sum()
    return {"accuracy": float(right), "clips": len(labels), "differing": int(differing)}


if __name__ == "__main__":
    run(measure_accuracy)
