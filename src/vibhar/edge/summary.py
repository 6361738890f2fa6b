"""Summarise measurements: latency per bundle, runtime and batch size, and the parts of the pipeline."""

from typing import Any

import numpy as np
import pandas as pd

from vibhar.edge.measuring import Event

Latencies = pd.DataFrame  # one row per bundle, runtime, batch: queries, p50, p90, p99, mean, deviation (microseconds)
KEYS = ["bundle", "runtime", "batch"]


def summarise_samples(samples: list[Event]) -> Latencies:
    """Return quantiles, mean and standard deviation in microseconds, and the speedup over the naive bundle.

    `speedup` compares medians in the same runtime; `speedup_of_fastest` compares with the naive bundle in its fastest
    exact runtime.
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
    """Return one row of the latencies, from the samples in nanoseconds."""
    samples = nanoseconds / 1000
    p50, p90, p99 = np.quantile(samples, [0.5, 0.9, 0.99])
    return [*key, len(samples), p50, p90, p99, samples.mean(), samples.std(ddof=1)]


def summarise_parts(parts: list[Event]) -> list[dict[str, Any]]:
    """Return the rows of the pipeline (decoding, CNN, recurrent part): median in ms, share of total, peak memory in MB.

    Decoding and the CNN are measured once and shared by all bundles.
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
    """Return which machine was measured, in a few words; emulated ones are marked as no timing."""
    if "machine" not in latency:
        return "not measured"
    machine = latency["machine"][0]
    board = machine["board"] or machine["processor"]
    kind = "emulated, not a timing" if machine["emulated"] else f"one core of {board}"
    return kind if latency["where"] == "local" else f"{kind}, over ssh"
