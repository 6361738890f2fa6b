"""The choice of beta, which test accuracies must not touch, and means over seeds and splits."""

import pandas as pd
import pytest

from vibhar.results.runs import by_split_kind, choose_strength, mean_and_deviation


def sweep(validation: dict[float, float], sizes: dict[float, int], test: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "beta": beta,
            "seed": seed,
            "validation_accuracy": accuracy,
            "test_accuracy": test,
            "lstm_parameters": sizes[beta],
        }
        for beta, accuracy in validation.items()
        for seed in (0, 1)
    )


NAIVE = pd.DataFrame({"seed": [0, 1], "validation_accuracy": [0.9, 0.9], "test_accuracy": [0.8, 0.9]})
SIZES = {1e-4: 5000, 1e-3: 500, 1e-2: 50}


@pytest.mark.parametrize("test", [0.0, 1.0])
def test_the_smallest_model_within_the_drop(test: float) -> None:
    vib = sweep({1e-4: 0.95, 1e-3: 0.89, 1e-2: 0.5}, SIZES, test)
    assert choose_strength(NAIVE, vib, "beta", 1.0) == (1e-3, True)
    assert choose_strength(NAIVE, vib, "beta", 0.5) == (1e-4, True)
    assert choose_strength(NAIVE, vib, "beta", 50.0) == (1e-2, True)


def test_the_most_accurate_on_validation_where_none_is_within() -> None:
    assert choose_strength(NAIVE, sweep({1e-4: 0.5, 1e-3: 0.6, 1e-2: 0.2}, SIZES, 1.0), "beta", 1.0) == (1e-3, False)


def test_the_deviation_is_over_seeds_of_the_mean_over_splits() -> None:
    runs = pd.DataFrame({"seed": [0, 0, 1, 1], "split": ["a", "b"] * 2, "accuracy": [0.2, 0.4, 0.6, 0.8]})
    mean, deviation = mean_and_deviation(runs, "accuracy")
    assert mean == pytest.approx(0.5)
    assert deviation == pytest.approx(0.4 / 2**0.5)


def test_kinds_of_split_are_told_apart() -> None:
    runs = pd.DataFrame({"split": ["group1", "clip1", "group12", "split2"], "seed": [0, 1, 2, 3]})
    assert {kind: list(part["seed"]) for kind, part in by_split_kind(runs)} == {
        "clip": [1],
        "group": [0, 2],
        "split": [3],
    }
