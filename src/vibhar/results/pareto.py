"""Size against accuracy of every method at every setting, and which of them nothing else dominates."""

import pandas as pd

from vibhar.results.runs import Runs, mean_and_deviation

# What a method's runs differ in, besides split and seed; `hidden` where a run has none of the others.
KNOBS = ("beta", "strength", "target_params", "target_ratio", "max_accuracy_drop")


def collect_points(runs: Runs) -> pd.DataFrame:
    """A row for each dataset, method and setting: means over splits and seeds, and whether it is on the front.

    Accuracies are of the test part, in percent; nothing is chosen by them. Columns: dataset, method, setting, inputs,
    hidden, lstm_params, accuracy_mean, accuracy_sd, split, seeds, on_front.
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
    """The setting of a run, as the points are told apart by it."""
    swept = [f"{knob} {run[knob]:g}" for knob in KNOBS if knob in run and pd.notna(run[knob])]
    if swept:
        return swept[0]
    return f"{run['hidden']:g} hidden" if run["method"] in ("naive", "small") else ""


def summarise_point(runs: Runs) -> dict[str, object]:
    """Mean size and accuracy of the runs of one setting."""
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
    """Whether no other point is as small and as accurate, and better in one of the two."""
    sizes, accuracies = points["lstm_params"].to_numpy(), points["accuracy_mean"].to_numpy()
    no_worse = (sizes[:, None] >= sizes) & (accuracies[:, None] <= accuracies)
    better = (sizes[:, None] > sizes) | (accuracies[:, None] < accuracies)
    return pd.Series(~(no_worse & better).any(axis=1), index=points.index)
