"""Render the HTML report of an experiment, in the order of the paper's sections."""

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from jinja2 import Environment, StrictUndefined

Item = dict[str, Any]
HERE = Path(__file__).parent


def render_page(
    files: Mapping[str, Path],
    summaries: Mapping[str, dict[str, Any]],
    provenance: Sequence[dict[str, Any]],
    experiment: str,
) -> str:
    """Return the page's HTML. `files` are tables (.csv) and figures (.png) by name, `summaries` the datasets' clips."""
    sections = yaml.safe_load((HERE / "sections.yaml").read_text("utf-8"))
    for section in sections:
        section["items"] = [item for name, caption in section["items"].items() for item in items(name, caption, files)]
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(
        (HERE / "page.html").read_text("utf-8")
    )
    return template.render(
        experiment=experiment,
        sections=[section for section in sections if section["items"]],
        clips=[{"name": name, **summary} for name, summary in sorted(summaries.items())],
        provenance=provenance,
        machine=json.dumps(provenance[0]["machine"] if provenance else {}, indent=2),
    )


def items(name: str, caption: str, files: Mapping[str, Path]) -> list[Item]:
    """Return the items of a name: one table or figure, or for "flow" one figure per dataset (flow_<dataset>)."""
    names = (
        [name] if name in files else sorted(other for other in files if name == "flow" and other.startswith("flow_"))
    )
    return [{"name": one, "caption": caption, **content(files[one])} for one in names]


def content(path: Path) -> Item:
    """Return the image of a figure, or the rows of a table with a comparison of VIB-LSTM and the paper."""
    if path.suffix == ".png":
        return {"image": base64.b64encode(path.read_bytes()).decode(), "rows": [], "columns": [], "beside": []}
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    return {"image": "", "rows": table.to_numpy().tolist(), "columns": list(table.columns), "beside": beside(table)}


def beside(table: pd.DataFrame) -> list[str]:
    """Return a sentence per VIB-LSTM row that compares its accuracy and size with the paper's."""
    if not {"paper_accuracy", "method", "accuracy_mean"} <= {*table.columns}:
        return []
    rows = table[table["method"].str.contains("VIB") & (table["paper_accuracy"] != "")]
    size = "lstm_params" if "lstm_params" in table else "parameters"
    return [
        f"{row['method']} on {row['dataset']} ({row['split']}): {row['accuracy_mean']} ± {row['accuracy_sd']} % with "
        f"{row[size]} LSTM parameters; the paper has {row['paper_accuracy']} % with {row[f'paper_{size}']}."
        for _, row in rows.iterrows()
    ]
