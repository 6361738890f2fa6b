"""Table 2: methods of compression on CNN features, a dataset after the other."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vibhar.files import write_json
from vibhar.paper import COMPRESSION
from vibhar.provenance import describe_machine
from vibhar.results import Runs, choose_strength, read_runs
from vibhar.stages import Settings, run
from vibhar.tables import Setting, describe_setting, summarise, write_table

# method: its name in the table, and what it is swept over
SWEPT = {"iss": ("ISS-LSTM", "strength"), "vib": ("VIB-LSTM", "beta"), "vib_iss": ("VIB+ISS-LSTM", "strength")}


def make_table2(
    *,
    metrics: list[Path],
    summaries: list[Path],
    trunk: Path,
    csv: Path,
    markdown: Path,
    latex: Path,
    provenance: Path,
    settings: Settings,
) -> None:
    """Write the table, and under what circumstances it was made.

    `metrics` are those of all runs, `summaries` those of the clip indices of `settings["datasets"]` (names and kinds),
    `trunk` describes the CNN. `settings` also holds max_accuracy_drop and what the provenance should repeat.
    """
    runs, cnn = read_runs(metrics), json.loads(trunk.read_text())
    rows: list[dict[str, Any]] = []
    for (name, kind), summary in zip(settings["datasets"], summaries, strict=True):
        here = runs[runs["dataset"] == name]
        setting = describe_setting(name, kind, summary, cnn, here.query("method == 'naive'"))
        rows += compression_rows(here, setting, settings["max_accuracy_drop"])
    write_table(rows, csv, markdown, latex)
    write_json({"machine": describe_machine(), "cnn": cnn, "settings": settings}, provenance)


def compression_rows(runs: Runs, setting: Setting, max_accuracy_drop: float) -> Iterator[dict[str, Any]]:
    """The rows of one dataset; each swept method at the strength that validation chooses."""
    naive = runs.query("method == 'naive'")
    yield summarise("Naive-LSTM", naive, setting, COMPRESSION.get((setting.kind, "Naive-LSTM")))
    for method, (name, column) in SWEPT.items():
        swept = runs[runs["method"] == method]
        choice = choose_strength(naive, swept, column, max_accuracy_drop)
        missed = "" if choice.within else f"no {column} within {max_accuracy_drop:g} points of naive on validation"
        note = "; ".join(part for part in (f"{column} {choice.strength:g}, chosen on validation", missed) if part)
        chosen = swept[swept[column] == choice.strength]
        yield summarise(name, chosen, setting, COMPRESSION.get((setting.kind, name)), note)


if __name__ == "__main__":
    run(make_table2)
