"""Choose the trained model that is exported to the device, on validation, as the tables do."""

from pathlib import Path

import pandas as pd

from vibhar.results.runs import choose_strength, read_runs


def choose_model(
    metrics: list[Path], method: str, *, over: str | None, max_accuracy_drop: float | None, split: str, seed: int
) -> Path:
    """Return the checkpoint of `method` for one split and seed.

    If the method is swept `over` a column, its strength is the one that the tables show; `metrics` must then contain
    all of its runs and all naive runs.
    """
    runs = read_runs(metrics).assign(model=[str(path.parent / "model.safetensors") for path in metrics])
    own: pd.DataFrame = runs[runs["method"] == method]
    if over is not None and max_accuracy_drop is not None:
        naive = runs[runs["method"] == "naive"]
        own = own[own[over] == choose_strength(naive, own, over, max_accuracy_drop).strength]
    return Path(own.loc[(own["split"] == split) & (own["seed"] == seed), "model"].item())
