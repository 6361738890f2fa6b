"""Stage: write Table 1, compression methods on raw pixels, end to end, for each kind of split."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vibhar.results.paper import END_TO_END
from vibhar.results.runs import Runs, by_split_kind, read_runs
from vibhar.results.tables import Setting, describe_setting, summarise, summarise_sweep, write_table
from vibhar.stages.command import Settings, run

TITLES = {
    "naive": "Naive-LSTM",
    "tt": "TT-LSTM",
    "bt": "BT-LSTM",
    "tr": "TR-LSTM",
    "ht": "HT-LSTM",
    "vib": "VIB-LSTM",
}
NOTES = {  # kind of split: the note in its rows
    "clip": "clip-level split as in the tensor methods' papers: groups leak from training into test",
    "group": "groups disjoint, which those of the tensor methods' papers are not",
}


def make_table1(
    *,
    metrics: list[Path],
    summaries: list[Path],
    trunk: Path,
    csv: Path,
    markdown: Path,
    latex: Path,
    settings: Settings,
) -> None:
    """Write the table. `settings`: datasets (names and kinds), methods in the order of the rows, max_accuracy_drop."""
    runs, cnn = read_runs(metrics), json.loads(trunk.read_text("utf-8"))
    rows: list[dict[str, Any]] = []
    for (name, kind), summary in zip(settings["datasets"], summaries, strict=True):
        here = runs[runs["dataset"] == name]
        setting = describe_setting(name, kind, summary, cnn, here.query("method == 'naive'"))
        for kind_of_split, part in by_split_kind(here):
            rows += split_rows(part, kind_of_split, setting, settings["methods"], settings["max_accuracy_drop"])
    write_table(rows, csv, markdown, latex)


def split_rows(
    runs: Runs, kind_of_split: str, setting: Setting, methods: list[str], max_accuracy_drop: float
) -> Iterator[dict[str, Any]]:
    """Yield the rows of one kind of split, with VIB-LSTM at the beta that its validation chooses."""
    naive, note = runs.query("method == 'naive'"), NOTES.get(kind_of_split, "")
    for method in methods:
        title, own = TITLES[method], runs[runs["method"] == method]
        printed = END_TO_END[title] if setting.kind == "ucf11" else None
        if method == "vib":
            yield summarise_sweep(title, own, "beta", naive, setting, max_accuracy_drop, printed, note)
        else:
            yield summarise(title, own, setting, printed, note)


if __name__ == "__main__":
    run(make_table1)
