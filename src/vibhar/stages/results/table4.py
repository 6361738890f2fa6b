"""Stage: write Table 4, an ablation of the bottlenecks at one beta, with control classifiers."""

import json
from pathlib import Path
from typing import Any

from vibhar.results.paper import ABLATION
from vibhar.results.runs import read_runs
from vibhar.results.tables import describe_setting, summarise, write_table
from vibhar.stages.command import Settings, run

ROWS = {
    "naive": "no bottleneck",
    "vib_input": "input bottleneck",
    "vib_hidden": "gate bottlenecks",
    "vib": "both",
    "kept_inputs": "control: size and inputs of both, from scratch",
    "random_inputs": "control: size of both, random inputs, from scratch",
    "frame_mean": "control: linear layer on the mean of the frames",
}


def make_table4(
    *,
    metrics: list[Path],
    summaries: list[Path],
    trunk: Path,
    csv: Path,
    markdown: Path,
    latex: Path,
    settings: Settings,
) -> None:
    """Write the table. `settings`: datasets (names and kinds) and the beta of all rows, which is fixed."""
    runs, cnn = read_runs(metrics), json.loads(trunk.read_text("utf-8"))
    rows: list[dict[str, Any]] = []
    for (name, kind), summary in zip(settings["datasets"], summaries, strict=True):
        here = runs[runs["dataset"] == name]
        setting = describe_setting(name, kind, summary, cnn, here.query("method == 'naive'"))
        for method, title in ROWS.items():
            note = f"beta {settings['beta']:g}" if method.startswith("vib") else ""
            printed = ABLATION.get(title) if kind == "ucf11" else None
            rows.append(summarise(title, here[here["method"] == method], setting, printed, note))
    write_table(rows, csv, markdown, latex)


if __name__ == "__main__":
    run(make_table4)
