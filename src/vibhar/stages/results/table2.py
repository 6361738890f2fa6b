"""Stage: write Table 2, compression methods on CNN features, for each dataset."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vibhar.results.paper import COMPRESSION
from vibhar.results.runs import Runs, read_runs
from vibhar.results.tables import (
    Setting,
    describe_setting,
    read_trunks,
    summarise,
    summarise_comparisons,
    summarise_sweep,
    write_table,
)
from vibhar.stages.command import Settings, run

# method: its name in the table, and the setting that it is swept over
SWEPT = {"iss": ("ISS-LSTM", "strength"), "vib": ("VIB-LSTM", "beta"), "vib_iss": ("VIB+ISS-LSTM", "strength")}


def make_table2(
    *,
    metrics: list[Path],
    second_metrics: list[Path],
    compared: list[Path],
    summaries: list[Path],
    trunks: list[Path],
    csv: Path,
    markdown: Path,
    latex: Path,
    settings: Settings,
) -> None:
    """Write the table.

    `metrics` are those of all runs, `second_metrics` those on the second CNN, `compared` those of other papers'
    systems; `summaries` those of the indices of `settings["datasets"]` (names and kinds); `trunks` describe the CNNs.
    `settings` also holds cnn, second_cnn or None, comparisons (systems and the CNN of each), the kinds of tensorised
    LSTMs, max_accuracy_drop.
    """
    cnns = read_trunks(trunks)
    runs, second_runs, others = read_runs(metrics), read_runs(second_metrics), read_runs(compared)
    rows: list[dict[str, Any]] = []
    for (name, kind), summary in zip(settings["datasets"], summaries, strict=True):
        here = runs[runs["dataset"] == name]
        setting = describe_setting(name, kind, summary, cnns[settings["cnn"]], here.query("method == 'naive'"))
        if settings["comparisons"]:
            rows += summarise_comparisons(others[others["dataset"] == name], setting, settings["comparisons"], cnns)
        rows += compression_rows(here, setting, settings)
        if settings["second_cnn"]:
            there = second_runs[second_runs["dataset"] == name]
            cnn = cnns[settings["second_cnn"]]
            setting = describe_setting(name, kind, summary, cnn, there.query("method == 'naive'"))
            rows.append(second_row(there, setting, settings))
    write_table(rows, csv, markdown, latex)


def compression_rows(runs: Runs, setting: Setting, settings: Settings) -> Iterator[dict[str, Any]]:
    """Yield the rows of one dataset: naive, tensorised and compressed LSTMs."""
    naive = runs.query("method == 'naive'")
    yield summarise("Naive-LSTM", naive, setting, COMPRESSION.get((setting.kind, "Naive-LSTM")))
    for kind in settings["tensorized"]:
        name, note = f"{kind.upper()}-LSTM", "hidden to hidden is dense"
        yield summarise(name, runs[runs["method"] == kind], setting, COMPRESSION.get((setting.kind, name)), note)
    for method, (name, column) in SWEPT.items():
        swept, printed = runs[runs["method"] == method], COMPRESSION.get((setting.kind, name))
        yield summarise_sweep(name, swept, column, naive, setting, settings["max_accuracy_drop"], printed)


def second_row(runs: Runs, setting: Setting, settings: Settings) -> dict[str, Any]:
    """Return the row of the VIB-LSTM on the second CNN, compared with the naive LSTM on that CNN."""
    is_paper_s = setting.cnn == "efficientnet_b1"
    printed = COMPRESSION.get((setting.kind, "EfficientNet+VIB-LSTM")) if is_paper_s else None
    naive, swept = runs.query("method == 'naive'"), runs.query("method == 'vib'")
    name = f"VIB-LSTM on {settings['second_cnn']}"
    return summarise_sweep(name, swept, "beta", naive, setting, settings["max_accuracy_drop"], printed)


if __name__ == "__main__":
    run(make_table2)
