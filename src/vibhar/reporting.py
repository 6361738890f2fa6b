"""What is written down of a trained classifier: its size and its accuracy on each part of a split."""

from typing import Any

from torch import nn

from vibhar.accounting import count_parameters
from vibhar.evaluation import evaluate
from vibhar.feature_store import SplitData
from vibhar.models import Classifier, RecurrentClassifier
from vibhar.tensorized_lstm import TensorizedLSTM


def report_size(model: Classifier) -> dict[str, Any]:
    """Cell, inputs, hidden units and parameters of the recurrent part (LSTM or GRU), and of all around it."""
    total = count_parameters(model.parameters())
    if not isinstance(model, RecurrentClassifier):
        return {"inputs": 0, "hidden": 0, "lstm_parameters": 0, "head_parameters": total}
    assert isinstance(model.recurrent, nn.LSTM | nn.GRU | TensorizedLSTM)
    inputs, hidden = model.recurrent.input_size, model.recurrent.hidden_size
    lstm = count_parameters(model.recurrent.parameters())
    cell = "gru" if isinstance(model.recurrent, nn.GRU) else "lstm"
    return {"cell": cell, "inputs": inputs, "hidden": hidden, "lstm_parameters": lstm, "head_parameters": total - lstm}


def report_run(model: Classifier, data: SplitData, **identity: Any) -> dict[str, Any]:
    """`identity` of the run, size, accuracies in [0, 1]. What is chosen is chosen by the validation accuracy alone."""
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
