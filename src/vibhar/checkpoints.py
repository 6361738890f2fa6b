"""Classifiers on disk: a safetensors file; its tensors give the sizes, its metadata readout and evaluation."""

from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from vibhar.compress import NothingLeft
from vibhar.files import complete
from vibhar.models import ConstantClassifier, LSTMClassifier
from vibhar.recurrent import VIBLSTM


def save_classifier(model: LSTMClassifier | ConstantClassifier, path: Path) -> None:
    """Write the parameters of `model`, how its hidden states are read out, and how gates are evaluated."""
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    metadata = {"readout": model.readout} if isinstance(model, LSTMClassifier) else {}
    if isinstance(model, LSTMClassifier) and isinstance(model.recurrent, VIBLSTM):
        metadata["evaluation"] = model.recurrent.bottlenecks.evaluation
    with complete(path) as temporary:
        save_file(state, temporary, metadata=metadata)


def load_classifier(path: Path, *, threshold: float = 1.0) -> LSTMClassifier:
    """The classifier that was written to `path`, dense or gated, to evaluate; gates close at `threshold`.

    Raises NothingLeft where it is a constant one. Tensorised ones are written and not read: nothing starts from them.
    """
    with safe_open(path, framework="pt") as file:
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        metadata = file.metadata()
    if "logits" in state:
        raise NothingLeft(f"{path} is what is left where everything was cut.")
    classes, hidden = state["head.weight"].shape
    model = LSTMClassifier(
        build_recurrent(state, hidden, threshold=threshold, evaluation=metadata.get("evaluation", "mean")),
        nn.Linear(hidden, classes),
        norm=nn.BatchNorm1d(classes) if "norm.weight" in state else None,
        readout=metadata["readout"],
        inputs=state.get("inputs"),
    )
    model.load_state_dict(state)
    return model.eval()


def build_recurrent(state: dict[str, Tensor], hidden: int, **gates: Any) -> nn.LSTM | VIBLSTM:
    """An LSTM, gated or not, of the size of the weights in `state`."""
    if "recurrent.weight_ih_l0" in state:
        return nn.LSTM(state["recurrent.weight_ih_l0"].shape[1], hidden, batch_first=True)
    inputs = state["recurrent.rnn.weight_ih_l0"].shape[1]
    return VIBLSTM(inputs, hidden, batch_first=True, **gates)
