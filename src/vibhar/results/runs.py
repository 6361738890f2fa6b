"""Read the runs of an experiment into one table, average them, and choose a strength by validation."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

Runs = pd.DataFrame  # one row per run: method, dataset, split, seed, beta, sizes, validation_accuracy, test_accuracy


def read_runs(metrics: Sequence[Path]) -> Runs:
    """Read the metrics of every run; nested entries become columns with dots in their names."""
    return pd.json_normalize([json.loads(path.read_text("utf-8")) for path in metrics])


def by_split_kind(runs: Runs) -> Iterator[tuple[str, Runs]]:
    """Yield the runs of each kind of split: "clip" (clip-level), "group" (group-disjoint), "split" (official)."""
    for kind, part in runs.groupby(runs["split"].str.rstrip("0123456789")):
        yield str(kind), part


def mean_and_deviation(runs: Runs, column: str) -> tuple[float, float]:
    """Return the mean of `column` over splits and seeds, and the standard deviation over seeds of the split mean."""
    by_seed = runs.groupby("seed")[column].mean()
    return float(by_seed.mean()), float(by_seed.std(ddof=1))


class Choice(NamedTuple):
    """The chosen strength of a method, and whether its accuracy is within the allowed drop."""

    strength: float
    within: bool


def choose_strength(naive: Runs, swept: Runs, column: str, max_accuracy_drop: float) -> Choice:
    """Choose the value of `column` with the smallest models within `max_accuracy_drop` points of the naive accuracy.

    Only validation accuracies are used, never test accuracies. If no value is within the drop, the value with the best
    validation accuracy is chosen.
    """
    means = swept.groupby(column, as_index=False)[["validation_accuracy", "lstm_parameters"]].mean()
    drop = 100 * (naive["validation_accuracy"].mean() - means["validation_accuracy"])
    near = means[drop <= max_accuracy_drop + 1e-9]  # a drop of exactly the limit is allowed, despite rounding
    if len(near):
        return Choice(near.sort_values("lstm_parameters")[column].iloc[0], True)
    return Choice(means.sort_values("validation_accuracy")[column].iloc[-1], False)
