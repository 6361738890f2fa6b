"""The Pareto front: points are means over seeds and splits, and a point is on it where nothing dominates it."""

import pandas as pd

from vibhar.results.pareto import collect_points


def runs() -> pd.DataFrame:
    rows = [
        ("naive", {}, 1000, (0.8, 0.9)),
        ("vib", {"beta": 0.1}, 100, (0.9, 0.9)),
        ("vib", {"beta": 1.0}, 10, (0.5, 0.5)),
        ("vib_target", {"target_ratio": 50.0}, 20, (0.5, 0.5)),
        ("iss", {"strength": 0.1}, 100, (0.7, 0.7)),
        ("small", {}, 10, (0.6, 0.6)),
    ]
    return pd.DataFrame(
        {
            "dataset": "d",
            "method": method,
            "split": "split1",
            "seed": seed,
            "inputs": 4,
            "hidden": 2,
            "lstm_parameters": size,
            "test_accuracy": accuracy,
            **knob,
        }
        for method, knob, size, accuracies in rows
        for seed, accuracy in enumerate(accuracies)
    )


def test_the_front() -> None:
    points = collect_points(runs()).set_index(["method", "setting"])
    assert list(points.index[points["on_front"]]) == [("small", "2 hidden"), ("vib", "beta 0.1")]
    assert set(points.index) >= {("naive", "2 hidden"), ("vib_target", "target_ratio 50"), ("iss", "strength 0.1")}


def test_means_and_deviations() -> None:
    naive = collect_points(runs()).set_index("method").loc["naive"]
    assert round(naive["accuracy_mean"], 3) == 85
    assert round(naive["accuracy_sd"], 3) == 7.071
    assert (naive["split"], naive["seeds"]) == ("split1", "0 1")


def test_a_dataset_has_a_front_of_its_own() -> None:
    other = runs().assign(dataset="e", test_accuracy=1.0, lstm_parameters=1)
    points = collect_points(pd.concat([runs(), other], ignore_index=True))
    assert points.groupby("dataset")["on_front"].sum().to_dict() == {"d": 2, "e": 6}
