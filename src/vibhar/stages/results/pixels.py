"""Stage: draw the pixels that Table 1's VIB-LSTM keeps, for the first split of each kind."""

from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from torch import Tensor

from vibhar.compression.pruning import NothingLeft
from vibhar.features.pixels import CHANNELS, Size
from vibhar.features.store import ClipSet, open_split
from vibhar.models.checkpoints import load_classifier
from vibhar.results.figures.pixels import KeptPixels, draw_pixels
from vibhar.results.figures.style import save_figure
from vibhar.results.runs import by_split_kind, choose_strength, read_runs
from vibhar.stages.command import Settings, run


def make_pixels(
    *, metrics: list[Path], models: list[Path], store: Path, clips: Path, png: Path, pdf: Path, settings: Settings
) -> None:
    """Draw the inputs of pruned classifiers at the beta that validation chooses, one row per kind of split.

    `models` are those of one seed, `settings["runs"]` the split and the beta of each. `settings`: also dataset, size,
    strategy, max_accuracy_drop.
    """
    runs = read_runs(metrics).query("dataset == @settings['dataset']")
    pruned = {(split, beta): path for (split, beta), path in zip(settings["runs"], models, strict=True)}
    size, rows = settings["size"], []
    for _, part in by_split_kind(runs):
        naive, vib = part.query("method == 'naive'"), part.query("method == 'vib'")
        beta = choose_strength(naive, vib, "beta", settings["max_accuracy_drop"]).strength
        split = min(part["split"])
        training = open_split(store, clips, split, strategy=settings["strategy"]).training
        name = f"{settings['dataset']}, {split}, beta {beta:g}"
        rows.append(KeptPixels(name, mean_frame(training, size), kept_inputs(pruned[split, beta], size)))
    save_figure(draw_pixels(rows), png, pdf)


def mean_frame(training: ClipSet, size: Size) -> Float[np.ndarray, "H W 3"]:
    """Return the mean frame of all training clips' first views, scaled from -1 .. 1 to 0 .. 1."""
    total = sum(training.first_views(row)[0].astype(np.float64).mean(axis=0) for row in training.rows[:, None])
    return ((total / len(training) + 1) / 2).reshape(*size, CHANNELS)


def kept_inputs(model: Path, size: Size) -> Bool[np.ndarray, "H W 3"]:
    """Return the kept inputs of a pruned classifier as a picture; all False if everything was cut."""
    kept = np.zeros((*size, CHANNELS), dtype=bool)
    try:
        inputs = load_classifier(model).inputs
        assert isinstance(inputs, Tensor)
        kept.flat[inputs.numpy()] = True
    except NothingLeft as nothing:
        print(nothing)
    return kept


if __name__ == "__main__":
    run(make_pixels)
