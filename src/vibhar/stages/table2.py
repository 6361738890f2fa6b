"""Table 2: methods of compression on CNN features, a dataset after the other."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vibhar.files import write_json
from vibhar.provenance import describe_machine
from vibhar.results import Runs, choose_beta, read_runs
from vibhar.stages import Settings, run
from vibhar.tables import Setting, summarise, write_table


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
        setting = Setting(
            name,
            kind,
            json.loads(summary.read_text())["note"],
            cnn["backbone"],
            cnn["label"],
            cnn["parameters"],
            here.query("method == 'naive'")["lstm_parameters"].mean(),
        )
        rows += compression_rows(here, setting, settings["max_accuracy_drop"])
    write_table(rows, csv, markdown, latex)
    write_json({"machine": describe_machine(), "cnn": cnn, "settings": settings}, provenance)


def compression_rows(runs: Runs, setting: Setting, max_accuracy_drop: float) -> Iterator[dict[str, Any]]:
    """The rows of one dataset; the VIB row at the beta that validation chooses."""
    naive, vib = runs.query("method == 'naive'"), runs.query("method == 'vib'")
    yield summarise("Naive-LSTM", naive, setting)
    choice = choose_beta(naive, vib, max_accuracy_drop)
    missed = "" if choice.within else f"no beta within {max_accuracy_drop:g} points of naive on validation"
    note = "; ".join(part for part in (f"beta {choice.beta:g}, chosen on validation", missed) if part)
    yield summarise("VIB-LSTM", vib[vib["beta"] == choice.beta], setting, note)


if __name__ == "__main__":
    run(make_table2)
