"""The samples of a measurement summed up: a row a bundle, a runtime and a batch size; and the parts of the pipeline."""

from typing import Any

import numpy as np
import pandas as pd

from vibhar.edge.measuring import Event

Latencies = pd.DataFrame  # a row a bundle, runtime and batch: queries, p50, p90, p99, mean, deviation (microseconds)
KEYS = ["bundle", "runtime", "batch"]


def summarise_samples(samples: list[Event]) -> Latencies:
    """Quantiles, mean and standard deviation in microseconds, and how many times faster than the naive bundle.

    `speedup` compares the medians in the same runtime, `speedup_of_fastest` with the naive bundle's fastest exact one.
    """
    turns = pd.DataFrame(samples, columns=[*KEYS, "frames", "nanoseconds"])
    rows = [describe(key, np.concatenate(list(group["nanoseconds"]))) for key, group in turns.groupby(KEYS, sort=False)]
    table = pd.DataFrame(rows, columns=[*KEYS, "queries", "p50_us", "p90_us", "p99_us", "mean_us", "sd_us"])
    naive = table[table["bundle"] == "naive"].set_index(["runtime", "batch"])["p50_us"]
    fastest = naive.drop("onnxruntime-int8", level="runtime", errors="ignore").groupby("batch").min()
    own = pd.MultiIndex.from_frame(table[["runtime", "batch"]])
    table["speedup"] = naive.reindex(own).to_numpy() / table["p50_us"]
    table["speedup_of_fastest"] = table["batch"].map(fastest) / table["p50_us"]
    return table


def describe(key: Any, nanoseconds: np.ndarray) -> list[Any]:
    """One row."""
    samples = nanoseconds / 1000
    p50, p90, p99 = np.quantile(samples, [0.5, 0.9, 0.99])
    return [*key, len(samples), p50, p90, p99, samples.mean(), samples.std(ddof=1)]


def summarise_parts(parts: list[Event]) -> list[dict[str, Any]]:
    """Decoding, CNN and recurrent part from a video to its label: medians in milliseconds, memory, share of the whole.

    Decoding and the CNN are the same for every bundle, whose recurrent part is added to them.
    """
    medians = {(part["bundle"], part["part"]): float(np.median(part["nanoseconds"])) / 1e6 for part in parts}
    memory = {(part["bundle"], part["part"]): part["bytes"] / 1e6 for part in parts}
    shared = [key for key in medians if key[1] != "recurrent"]
    rows = []
    for own in (key for key in medians if key[1] == "recurrent"):
        total = sum(medians[key] for key in [*shared, own])
        rows += [
            {
                "model": own[0],
                "part": key[1],
                "p50_ms": f"{medians[key]:.4g}",
                "share": f"{100 * medians[key] / total:.3g}%",
                "peak_memory_mb": f"{memory[key]:.1f}",
            }
            for key in [*shared, own]
        ]
    return rows


def describe_measurement(latency: dict[str, Any]) -> str:
    """Which machine it was, in a few words; a number of an emulator is no timing."""
    if "machine" not in latency:
        return "not measured"
    machine = latency["machine"][0]
    board = machine["board"] or machine["processor"]
    kind = "emulated, not a timing" if machine["emulated"] else f"one core of {board}"
    return kind if latency["where"] == "local" else f"{kind}, over ssh"
