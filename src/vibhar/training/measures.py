"""Collect the metrics of a trained classifier: size, accuracies, confusion matrix."""

from typing import Any

from torch import nn

from vibhar.compression.sizes import count_parameters
from vibhar.features.store import SplitData
from vibhar.models.attention_conv_lstm import ConvLSTM
from vibhar.models.classifier import Classifier
from vibhar.models.tensorized_lstm import TensorizedLSTM
from vibhar.models.two_stream_lstm import TwoStreamLSTM
from vibhar.training.evaluation import evaluate


def report_size(model: Classifier) -> dict[str, Any]:
    """Return a model's cell, inputs, hidden units, recurrent parameters and other ("head") parameters.

    A model without a recurrent part has 0 inputs, units and recurrent parameters. For a convolutional LSTM, inputs and
    units are channels.
    """
    assert isinstance(model, nn.Module)
    total = count_parameters(model.parameters())
    parts = [part for part in model.modules() if isinstance(part, nn.LSTM | nn.GRU | TensorizedLSTM | ConvLSTM)]
    recurrent = sum(count_parameters(part.parameters()) for part in parts)
    sized = model if isinstance(model, TwoStreamLSTM) else next(iter(parts), None)
    return {
        "cell": "gru" if any(isinstance(part, nn.GRU) for part in parts) else "lstm",
        "inputs": sized.input_size if sized else 0,
        "hidden": sized.hidden_size if sized else 0,
        "lstm_parameters": recurrent,
        "head_parameters": total - recurrent,
    }


def report_run(model: Classifier, data: SplitData, **identity: Any) -> dict[str, Any]:
    """Return the metrics of a run: its `identity`, size, accuracies in [0, 1], test confusion matrix."""
    test = evaluate(model, data.test)
    return {
        **identity,
        **report_size(model),
        "clips": {"train": len(data.training), "validation": len(data.validation), "test": len(data.test)},
        "validation_accuracy": evaluate(model, data.validation).accuracy,
        "test_accuracy": test.accuracy,
        "classes": data.classes,
        "test_confusion": test.confusion.tolist(),
    }
