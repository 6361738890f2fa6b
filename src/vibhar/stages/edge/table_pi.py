"""Stage: write the tables of section 5.5: cost of each model and runtime, and of pipeline parts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from vibhar.edge.summary import Latencies, describe_measurement, summarise_parts, summarise_samples
from vibhar.results.paper import LATENCY
from vibhar.results.tables import write_table
from vibhar.stages.command import Settings, run

FILES = {  # the file of a bundle that a runtime reads
    "onnxruntime": "model.onnx",
    "onnxruntime-int8": "model.int8.onnx",
    "numpy": "weights.npz",
    "torch": "weights.npz",
    "c": "weights.bin",
}
SIZES = ("inputs", "hidden", "parameters", "multiply_adds", "bytes", "peak_memory_mb")
TIMES = ("queries", "p50_us", "p90_us", "p99_us", "mean_us", "sd_us", "speedup", "speedup_of_fastest")
COLUMNS = (
    *("model", "runtime", "batch", "dataset", "split", "seed", "cnn", "weights", *SIZES, *TIMES),
    *("accuracy", "differing_clips", "machine", "paper_latency", "note"),
)


def make_table_pi(
    *,
    bundles: list[Path],
    accuracies: list[Path],
    trunk: Path,
    latency: Path,
    summary: Path,
    csv: Path,
    markdown: Path,
    latex: Path,
    parts_csv: Path,
    parts_markdown: Path,
    parts_latex: Path,
    settings: Settings,
) -> None:
    """Write the table of models and runtimes, and the table of the pipeline's parts.

    `accuracies` are those of the bundles, in their order, `summary` that of the dataset's clips. `settings`: dataset,
    split, seed, runtimes, batches.
    """
    measured, cnn = json.loads(latency.read_text()), json.loads(trunk.read_text())
    shared = {key: settings[key] for key in ("dataset", "split", "seed")}
    shared |= {"cnn": cnn["backbone"], "weights": cnn["label"], "machine": describe_measurement(measured)}
    shared |= {"note": json.loads(summary.read_text())["note"]}
    times = summarise_samples(measured.get("samples", []))
    rows: list[dict[str, Any]] = []
    for bundle, accuracy in zip(bundles, accuracies, strict=True):
        facts = json.loads((bundle / "bundle.json").read_text()) | shared
        rows += bundle_rows(bundle, facts, json.loads(accuracy.read_text()), times, measured, settings)
    write_table(rows, csv, markdown, latex, COLUMNS)
    parts = summarise_parts(measured.get("part", []))
    write_table(parts, parts_csv, parts_markdown, parts_latex, ("model", "part", "p50_ms", "share", "peak_memory_mb"))


def bundle_rows(
    bundle: Path,
    facts: dict[str, Any],
    accuracies: dict[str, Any],
    times: Latencies,
    measured: dict[str, Any],
    settings: Settings,
) -> Iterator[dict[str, Any]]:
    """Yield a row per runtime and batch size; a note says why if a runtime is not installed."""
    memory = pd.DataFrame(measured.get("memory", []), columns=["bundle", "runtime", "bytes"])
    missing = {(event["bundle"], event["runtime"]): event["reason"] for event in measured.get("missing", [])}
    for runtime in settings["runtimes"]:
        file, here = bundle / FILES[runtime], accuracies.get(runtime, {})
        if not file.exists():
            continue
        peak = memory.query("bundle == @bundle.name and runtime == @runtime")["bytes"]
        size = {"bytes": file.stat().st_size, "peak_memory_mb": f"{peak.iloc[0] / 1e6:.1f}" if len(peak) else ""}
        right = {}
        if "accuracy" in here:
            right = {"accuracy": f"{100 * here['accuracy']:.2f}", "differing_clips": here["differing"]}
        for batch in settings["batches"]:
            own = times.query("bundle == @bundle.name and runtime == @runtime and batch == @batch")
            time = {key: shorten(own[key].iloc[0]) for key in TIMES} if len(own) else {}
            yield (
                facts
                | size
                | right
                | time
                | {
                    "model": bundle.name,
                    "runtime": runtime,
                    "batch": batch,
                    "inputs": len(facts["inputs"]),
                    "paper_latency": LATENCY.get(bundle.name, "") if batch == 1 else "",
                    "note": "; ".join(filter(None, [missing.get((bundle.name, runtime)), facts["note"]])),
                }
            )


def shorten(number: float) -> str:
    """Format a number with four digits, or all integer digits of a larger one."""
    return f"{number:.4g}" if number < 1e4 else f"{number:.0f}"


if __name__ == "__main__":
    run(make_table_pi)
