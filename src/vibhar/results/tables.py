"""Make the rows of the tables: means over seeds and splits, beside the paper's numbers."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from vibhar.files.writing import complete
from vibhar.results.paper import COMPRESSION, Printed
from vibhar.results.runs import Runs, choose_strength, mean_and_deviation

COMPARISONS = {
    "two_stream_lstm": "Two-Stream",
    "attention_conv_lstm": "Attention-ConvLSTM",
    "two_stream_i3d": "Two-Stream I3D",
}
COLUMNS = (
    "method",
    "dataset",
    "split",
    "cnn",
    "weights",
    "inputs",
    "hidden",
    "total_params",
    "lstm_params",
    "compression_ratio",
    "accuracy_mean",
    "accuracy_sd",
    "seeds",
    "paper_total_params",
    "paper_lstm_params",
    "paper_accuracy",
    "note",
)


class Setting(NamedTuple):
    """The facts that all rows of one dataset share."""

    dataset: str
    kind: str  # of the dataset, which selects the paper's numbers
    note: str
    cnn: str
    weights: str
    cnn_parameters: int
    naive_parameters: float  # of the uncompressed LSTM, for the compression ratio
    cell: str = "lstm"


def describe_setting(dataset: str, kind: str, summary: Path, cnn: dict[str, Any], naive: Runs) -> Setting:
    """Return the setting of a dataset, from its clip summary, the description of its CNN and its naive runs."""
    note = json.loads(summary.read_text())["note"]
    size = naive["lstm_parameters"].mean()
    return Setting(dataset, kind, note, cnn["backbone"], cnn["label"], cnn["parameters"], size, naive["cell"].iloc[0])


def summarise(
    method: str, runs: Runs, setting: Setting, printed: Printed | None = None, note: str = ""
) -> dict[str, Any]:
    """Return one row: means of one method's runs on one dataset over splits and seeds, and the paper's numbers."""
    accuracy, deviation = mean_and_deviation(runs, "test_accuracy")
    lstm, head = runs["lstm_parameters"].mean(), runs["head_parameters"].mean()
    if setting.cell == "gru":
        method, printed = method.replace("LSTM", "GRU"), None  # the paper has none
    printed = printed or Printed("", "", None)
    notes = [note, size_range(runs), setting.note, printed.note]
    return {
        "method": method,
        "dataset": setting.dataset,
        "split": " ".join(sorted(runs["split"].unique())),
        "cnn": setting.cnn,
        "weights": setting.weights,
        "inputs": f"{runs['inputs'].mean():.4g}",
        "hidden": f"{runs['hidden'].mean():.4g}",
        "total_params": round(setting.cnn_parameters + lstm + head),
        "lstm_params": round(lstm),
        "compression_ratio": f"{setting.naive_parameters / lstm:.1f}" if lstm else "inf",
        "accuracy_mean": f"{100 * accuracy:.2f}",
        "accuracy_sd": "" if np.isnan(deviation) else f"{100 * deviation:.2f}",
        "seeds": " ".join(map(str, sorted(runs["seed"].unique()))),
        "paper_total_params": printed.total_params,
        "paper_lstm_params": printed.lstm_params,
        "paper_accuracy": printed.accuracy,
        "note": "; ".join(part for part in notes if part),
    }


def summarise_sweep(
    method: str,
    swept: Runs,
    over: str,
    naive: Runs,
    setting: Setting,
    max_accuracy_drop: float,
    printed: Printed | None = None,
    note: str = "",
) -> dict[str, Any]:
    """Return the row of a method that was swept over the column `over`, at the value chosen on validation."""
    choice = choose_strength(naive, swept, over, max_accuracy_drop)
    missed = "" if choice.within else f"no {over} within {max_accuracy_drop:g} points of naive on validation"
    notes = [f"{over} {choice.strength:g}, chosen on validation", missed, note]
    chosen = swept[swept[over] == choice.strength]
    return summarise(method, chosen, setting, printed, "; ".join(part for part in notes if part))


def summarise_comparisons(
    compared: Runs, setting: Setting, comparisons: Sequence[tuple[str, str]], trunks: dict[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of comparison systems: pairs of a system and its CNN; `trunks` describes the CNNs by name."""
    for method, cnn in comparisons:
        trunk, title = trunks[cnn], COMPARISONS[method]
        own = setting._replace(
            cnn=trunk["backbone"], weights=trunk["label"], cnn_parameters=trunk["parameters"], cell="lstm"
        )
        yield summarise(title, compared[compared["method"] == method], own, COMPRESSION.get((setting.kind, title)))


def read_trunks(descriptions: Sequence[Path]) -> dict[str, dict[str, Any]]:
    """Read the description of each CNN, by its name in the config, which is the name of the folder."""
    return {path.parent.name: json.loads(path.read_text()) for path in descriptions}


def size_range(runs: Runs) -> str:
    """Return a note with the smallest and largest model of a row; empty if its runs do not differ in size."""
    smallest, largest = runs["lstm_parameters"].min(), runs["lstm_parameters"].max()
    return "" if smallest == largest else f"means of runs with {smallest} to {largest} LSTM parameters"


def write_table(
    rows: Sequence[dict[str, Any]], csv: Path, markdown: Path, latex: Path, columns: Sequence[str] = COLUMNS
) -> None:
    """Write the rows as CSV, Markdown and LaTeX, with the same columns."""
    table = pd.DataFrame(rows, columns=list(columns)).astype(object).fillna("")
    lined = table.map(in_one_line)
    texts = {
        csv: table.to_csv(index=False),
        markdown: lined.map(escape_bars).to_markdown(index=False, disable_numparse=True) + "\n",
        latex: lined.rename(columns=lambda name: name.replace("_", " ")).to_latex(index=False, escape=True),
    }
    for path, text in texts.items():
        with complete(path) as temporary:
            temporary.write_text(text, encoding="utf-8")


def in_one_line(value: Any) -> Any:
    """A text without line ends, as a cell of Markdown or LaTeX must be; what is no text as it is."""
    return " ".join(value.split()) if isinstance(value, str) else value


def escape_bars(value: Any) -> Any:
    """A text whose bars do not end a cell of Markdown; what is no text as it is."""
    return value.replace("|", r"\|") if isinstance(value, str) else value
