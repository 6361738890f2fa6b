"""The runs of an experiment as one table, and what is concluded from it."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

Runs = pd.DataFrame  # a row a run: method, dataset, split, seed, beta, sizes, validation_accuracy, test_accuracy


def read_runs(metrics: Sequence[Path]) -> Runs:
    """The metrics of every run; nested entries become columns with dots in their names."""
    return pd.json_normalize([json.loads(path.read_text()) for path in metrics])


def by_split_kind(runs: Runs) -> Iterator[tuple[str, Runs]]:
    """The runs on clip-level, group-disjoint and official splits apart: "clip", "group" and "split", of all folds."""
    for kind, part in runs.groupby(runs["split"].str.rstrip("0123456789")):
        yield str(kind), part


def mean_and_deviation(runs: Runs, column: str) -> tuple[float, float]:
    """The mean of `column` over splits and seeds, and the standard deviation over seeds of the mean over splits."""
    by_seed = runs.groupby("seed")[column].mean()
    return float(by_seed.mean()), float(by_seed.std(ddof=1))


class Choice(NamedTuple):
    """The strength of a method that a table shows, and whether its models are as accurate as was asked for."""

    strength: float
    within: bool


def choose_strength(naive: Runs, swept: Runs, column: str, max_accuracy_drop: float) -> Choice:
    """The value of `column` with the smallest models within `max_accuracy_drop` points of the naive accuracy.

    Accuracies are those of validation; those of the test are not looked at. Where no value is within: the one with the
    best validation accuracy.
    """
    means = swept.groupby(column, as_index=False)[["validation_accuracy", "lstm_parameters"]].mean()
    drop = 100 * (naive["validation_accuracy"].mean() - means["validation_accuracy"])
    near = means[drop <= max_accuracy_drop + 1e-9]  # a drop of just the limit is within it, whatever floats say
    if len(near):
        return Choice(near.sort_values("lstm_parameters")[column].iloc[0], True)
    return Choice(means.sort_values("validation_accuracy")[column].iloc[-1], False)
