"""Collect size and accuracy of every method and setting, and find the Pareto front."""

import pandas as pd

from vibhar.results.runs import Runs, mean_and_deviation

# The settings that a method's runs differ in, besides split and seed; runs without any differ in `hidden`.
KNOBS = ("beta", "strength", "target_params", "target_ratio", "max_accuracy_drop")


def collect_points(runs: Runs) -> pd.DataFrame:
    """Return a row per dataset, method and setting: means over splits and seeds, and whether it is on the front.

    Accuracies are those of the test part, in percent; no setting is chosen by them. Columns: dataset, method,
    setting, inputs, hidden, lstm_params, accuracy_mean, accuracy_sd, split, seeds, on_front.
    """
    settings = runs.apply(describe_setting, axis=1)
    points = [
        {"dataset": dataset, "method": method, "setting": setting, **summarise_point(group)}
        for (dataset, method, setting), group in runs.groupby(["dataset", "method", settings], sort=False)
    ]
    table = pd.DataFrame(points).sort_values(["dataset", "method", "lstm_params"], ignore_index=True)
    fronts = [on_front(group) for _, group in table.groupby("dataset")]
    return table.assign(on_front=pd.concat(fronts))


def describe_setting(run: pd.Series) -> str:
    """Return the text that names the setting of a run."""
    swept = [f"{knob} {run[knob]:g}" for knob in KNOBS if knob in run and pd.notna(run[knob])]
    if swept:
        return swept[0]
    return f"{run['hidden']:g} hidden" if run["method"] in ("naive", "small") else ""


def summarise_point(runs: Runs) -> dict[str, object]:
    """Return the mean size and accuracy (in percent) of the runs of one setting."""
    accuracy, deviation = mean_and_deviation(runs, "test_accuracy")
    return {
        "inputs": runs["inputs"].mean(),
        "hidden": runs["hidden"].mean(),
        "lstm_params": runs["lstm_parameters"].mean(),
        "accuracy_mean": 100 * accuracy,
        "accuracy_sd": 100 * deviation,
        "split": " ".join(sorted(runs["split"].unique())),
        "seeds": " ".join(map(str, sorted(runs["seed"].unique()))),
    }


def on_front(points: pd.DataFrame) -> pd.Series:
    """Return whether each point is on the Pareto front: no other is at least as good in both and better in one."""
    sizes, accuracies = points["lstm_params"].to_numpy(), points["accuracy_mean"].to_numpy()
    no_worse = (sizes[:, None] >= sizes) & (accuracies[:, None] <= accuracies)
    better = (sizes[:, None] > sizes) | (accuracies[:, None] < accuracies)
    return pd.Series(~(no_worse & better).any(axis=1), index=points.index)
