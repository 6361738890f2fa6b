"""Which of the trained models goes to the device: chosen on validation, as the tables choose."""

from pathlib import Path

import pandas as pd

from vibhar.results.runs import choose_strength, read_runs


def choose_model(
    metrics: list[Path], method: str, *, over: str | None, max_accuracy_drop: float | None, split: str, seed: int
) -> Path:
    """The file of the model of `method` on a split and a seed.

    A method that is swept `over` a column is taken at the strength that the tables show; `metrics` are then of all of
    its runs and of the naive ones.
    """
    runs = read_runs(metrics).assign(model=[str(path.parent / "model.safetensors") for path in metrics])
    own: pd.DataFrame = runs[runs["method"] == method]
    if over is not None and max_accuracy_drop is not None:
        naive = runs[runs["method"] == "naive"]
        own = own[own[over] == choose_strength(naive, own, over, max_accuracy_drop).strength]
    return Path(own.loc[(own["split"] == split) & (own["seed"] == seed), "model"].item())
