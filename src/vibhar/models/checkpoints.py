"""Save and load classifiers as safetensors checkpoints; readout and gate evaluation are in the metadata."""

from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from vibhar.compression.modules import VIBGRU, VIBLSTM
from vibhar.compression.pruning import NothingLeft
from vibhar.files.writing import complete
from vibhar.models.classifier import ConstantClassifier, RecurrentClassifier
from vibhar.models.temporal_segments import TemporalSegments


def save_classifier(model: RecurrentClassifier | ConstantClassifier, path: Path) -> None:
    """Write the parameters of `model`, how its hidden states are read out, and how gates are evaluated."""
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    metadata = {"readout": model.readout} if isinstance(model, RecurrentClassifier) else {}
    if isinstance(model, RecurrentClassifier) and isinstance(model.recurrent, VIBLSTM | VIBGRU):
        metadata["evaluation"] = model.recurrent.bottlenecks.evaluation
    if isinstance(model, RecurrentClassifier) and model.segments:
        metadata["segments"] = "pooled" if model.segments.pool else "in order"
    with complete(path) as temporary:
        save_file(state, temporary, metadata=metadata)


def load_classifier(path: Path, *, threshold: float = 1.0) -> RecurrentClassifier:
    """Load a dense or gated classifier for evaluation; gates with alpha below `threshold` are closed.

    Raises NothingLeft if the checkpoint holds a constant classifier. Checkpoints of tensorised LSTMs cannot be loaded.
    """
    with safe_open(path, framework="pt") as file:
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        metadata = file.metadata()
    if "logits" in state:
        raise NothingLeft(f"{path} is what is left where everything was cut.")
    classes, hidden = state["head.weight"].shape
    model = RecurrentClassifier(
        build_recurrent(state, hidden, threshold=threshold, evaluation=metadata.get("evaluation", "mean")),
        nn.Linear(hidden, classes),
        norm=nn.BatchNorm1d(classes) if "norm.weight" in state else None,
        segments=build_segments(state, pool=metadata["segments"] == "pooled") if "segments" in metadata else None,
        readout=metadata["readout"],
        inputs=state.get("inputs"),
    )
    model.load_state_dict(state)
    return model.eval()


def build_segments(state: dict[str, Tensor], *, pool: bool) -> TemporalSegments:
    """Build the temporal segments: as many segments and inputs as the batch norms in `state` have."""
    weights = [entry for name, entry in state.items() if name.startswith("segments.") and name.endswith(".weight")]
    return TemporalSegments(len(weights[0]), len(weights), pool=pool)


def build_recurrent(state: dict[str, Tensor], hidden: int, **gates: Any) -> nn.LSTM | nn.GRU | VIBLSTM | VIBGRU:
    """Build an LSTM (four gates) or a GRU (three), with bottlenecks or without, of the sizes in `state`."""
    dense = "recurrent.weight_ih_l0" in state
    rows, inputs = state["recurrent.weight_ih_l0" if dense else "recurrent.rnn.weight_ih_l0"].shape
    is_lstm = rows == 4 * hidden
    if dense:
        return (nn.LSTM if is_lstm else nn.GRU)(inputs, hidden, batch_first=True)
    return (VIBLSTM if is_lstm else VIBGRU)(inputs, hidden, batch_first=True, **gates)
