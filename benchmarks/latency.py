"""How many times faster the paper's compressed LSTM is than its naive one, in each runtime, on one core of this one.

    .venv/bin/python benchmarks/latency.py                       2048 -> 2048 against 49 -> 9, for 8 and 32 frames
    .venv/bin/python benchmarks/latency.py --naive 256 64 --queries 16 --seconds 0 --frames 8

Both are LSTMs with random weights: time does not depend on them. The bundles take turns (`bench.py`). The last column
sets the compressed model against the naive one in the runtime that is the fastest for that.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import defopt
import pandas as pd
import torch
from torch import nn

from vibhar.edge.bundle import write_bundle
from vibhar.edge.dense import densify
from vibhar.edge.summary import summarise_samples
from vibhar.models.classifier import RecurrentClassifier

CLASSES = 11


def compare(
    *,
    naive: tuple[int, int] = (2048, 2048),
    compressed: tuple[int, int] = (49, 9),
    frames: list[int] = [8, 32],  # noqa: B006 (the default of a command line)
    queries: int = 64,
    seconds: float = 1.0,
    core: int | None = None,
) -> None:
    """Print a table for each number of frames; `naive` and `compressed` are inputs and hidden units."""
    with tempfile.TemporaryDirectory() as folder:
        sizes = {"naive": naive, "vib": compressed, "floor": (1, 1)}
        bundles = [random_bundle(Path(folder, name), *size, features=naive[0]) for name, size in sizes.items()]
        for length in frames:
            command = [sys.executable, f"{bundles[0]}/bench.py", "--bundles", *map(str, bundles)]
            command += ["--queries", str(queries), "--seconds", str(seconds), "--frames", str(length), "--warmup", "5"]
            command += [] if core is None else ["--core", str(core)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            print(f"{length} frames\n{tabulate(done.stdout)}\n", flush=True)


def random_bundle(folder: Path, inputs: int, hidden: int, features: int) -> Path:
    """A bundle of an untrained LSTM that reads the first of the features."""
    torch.manual_seed(0)
    chosen = None if inputs == features else torch.arange(inputs)
    recurrent, head = nn.LSTM(inputs, hidden, batch_first=True), nn.Linear(hidden, CLASSES)
    classifier = RecurrentClassifier(recurrent, head, readout="last", inputs=chosen)
    folder.mkdir()
    facts = {"classes": list(map(str, range(CLASSES))), "features": features, "cnn": None}
    reference = torch.rand(2, 8, features)
    write_bundle(densify(classifier, features), folder, reference=reference, facts=facts, int8=folder.name == "naive")
    return folder


def tabulate(lines: str) -> str:
    """The medians and the ratios, and the peak memory of each process."""
    events = [json.loads(line) for line in lines.splitlines()]
    table = summarise_samples([event for event in events if event["event"] == "samples"])
    memory = pd.DataFrame([event for event in events if event["event"] == "memory"])
    table = table.merge(memory.assign(memory_mb=memory["bytes"] / 1e6), on=["bundle", "runtime"])
    shown = table[table["bundle"] != "floor"].merge(
        table.query("bundle == 'floor'")[["runtime", "batch", "p50_us"]].rename(columns={"p50_us": "floor_us"}),
        on=["runtime", "batch"],
        how="left",
    )
    columns = [
        "bundle",
        "runtime",
        "batch",
        "p50_us",
        "p90_us",
        "floor_us",
        "memory_mb",
        "speedup",
        "speedup_of_fastest",
    ]
    return str(shown[columns].to_markdown(index=False, floatfmt=".4g"))


if __name__ == "__main__":
    defopt.run(compare)
