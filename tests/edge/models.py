"""Bundles of untrained models, for the tests."""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from vibhar.edge.bundle import write_bundle
from vibhar.edge.dense import densify
from vibhar.models.classifier import RecurrentClassifier

SAMPLING = {"strategy": "segment", "frames": 8}


def make_classifier(
    inputs: int, hidden: int, *, cell: type = nn.LSTM, readout: str = "last", features: int = 64, classes: int = 5
) -> RecurrentClassifier:
    """A classifier with a batch norm whose statistics are not those of a new one."""
    torch.manual_seed(0)
    norm = nn.BatchNorm1d(classes)
    norm.running_mean, norm.running_var = torch.randn(classes), torch.rand(classes) + 0.5
    chosen = None if inputs == features else torch.randperm(features)[:inputs].sort().values
    recurrent, head = cell(inputs, hidden, batch_first=True), nn.Linear(hidden, classes)
    return RecurrentClassifier(recurrent, head, norm=norm, readout=readout, inputs=chosen).eval()


def make_bundle(folder: Path, classifier: RecurrentClassifier, *, features: int = 64, **facts: Any) -> Path:
    """A bundle of it, without a CNN; every runtime must give what the classifier gives."""
    folder.mkdir(parents=True)
    classes = [f"class {number}" for number in range(classifier.head.out_features)]
    said = {"classes": classes, "features": features, "sampling": SAMPLING, "cnn": None} | facts
    reference = torch.randn(4, 8, features, generator=torch.Generator().manual_seed(1))
    write_bundle(densify(classifier, features), folder, reference=reference, facts=said, int8=folder.name == "naive")
    return folder
