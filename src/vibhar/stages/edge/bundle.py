"""Stage: export the bundle of one model: naive, compressed, or the smallest LSTM (floor)."""

import shutil
from pathlib import Path
from typing import Any

import torch
from torch import nn

from vibhar.compression.pruning import NothingLeft
from vibhar.edge.bundle import write_bundle
from vibhar.edge.choice import choose_model
from vibhar.edge.cnn_file import write_cnn
from vibhar.edge.dense import densify
from vibhar.errors import InputError
from vibhar.features.store import SplitData, open_split
from vibhar.models.checkpoints import load_classifier
from vibhar.models.classifier import RecurrentClassifier
from vibhar.stages.command import Settings, run

REFERENCES = 4  # clips whose logits every runtime must reproduce


def make_bundle(
    *, metrics: list[Path], store: Path, clips: Path, trunk: list[Path], bundle: Path, settings: Settings
) -> None:
    """Write the folder `bundle`. `metrics` are those of the naive runs and of the method's, on all splits and seeds.

    `trunk` are the weights of the CNN, if it is part of the bundle. `settings`: method, over (beta, strength or
    nothing), max_accuracy_drop, split, seed, sampling, backbone, int8. The method `floor` is an LSTM of one input and
    one unit, which measures the overhead of a runtime.
    """
    method, sampling = settings["method"], settings["sampling"]
    data = open_split(store, clips, settings["split"], strategy=sampling["strategy"])
    classifier, source = load_model(metrics, data, settings)
    partial = bundle.with_name(f".partial-{bundle.name}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    features, _ = next(iter(data.validation.ordered_batches(REFERENCES)))
    facts: dict[str, Any] = {"name": method, "source": source, "classes": data.classes, "features": data.dim}
    facts |= {"sampling": {key: sampling[key] for key in ("strategy", "frames")}, "cnn": None}
    for weights in trunk:
        facts["cnn"] = write_cnn(settings["backbone"], weights, partial / "cnn.onnx")
    write_bundle(densify(classifier, data.dim), partial, reference=features, facts=facts, int8=settings["int8"])
    shutil.rmtree(bundle, ignore_errors=True)
    partial.rename(bundle)


def load_model(metrics: list[Path], data: SplitData, settings: Settings) -> tuple[RecurrentClassifier, str]:
    """Return the classifier and its file. Raises InputError if nothing is left of the chosen one after pruning."""
    if settings["method"] == "floor":
        torch.manual_seed(0)
        smallest = nn.LSTM(1, 1, batch_first=True), nn.Linear(1, len(data.classes))
        return RecurrentClassifier(*smallest, readout="last", inputs=torch.tensor([0])), "not trained"
    keys = ("over", "max_accuracy_drop", "split", "seed")
    path = choose_model(metrics, settings["method"], **{key: settings[key] for key in keys})
    try:
        return load_classifier(path), str(path)
    except NothingLeft as error:
        raise InputError(
            f"The {settings['method']} model that validation chooses is empty: {error} There is nothing to bundle. "
            "Take smaller betas or strengths, or take the method out of `edge.methods`."
        ) from error


if __name__ == "__main__":
    run(make_bundle)
