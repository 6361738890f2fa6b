"""Stage: write Table 3, compression methods and comparison systems on RGB and flow features."""

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

# method: its name in the table, the setting that it is swept over, the uncompressed LSTM to compare with
ROWS = {
    "ts_lstm": ("TS-LSTM", "", ""),
    "naive": ("Naive-LSTM", "", ""),
    "ts_naive": ("Naive-TS-LSTM", "", ""),
    "tr": ("TR-LSTM", "", ""),
    "iss": ("ISS-LSTM", "strength", "naive"),
    "vib": ("VIB-LSTM", "beta", "naive"),
    "ts_vib": ("TS-VIB-LSTM", "beta", "ts_naive"),
}
NOTES = {"tr": "hidden to hidden is dense", "ts_lstm": "without the peepholes and the last batch norm of its authors"}


def make_table3(
    *,
    metrics: list[Path],
    compared: list[Path],
    summaries: list[Path],
    trunks: list[Path],
    csv: Path,
    markdown: Path,
    latex: Path,
    settings: Settings,
) -> None:
    """Write the table: for each dataset the means over its splits, then its first split alone.

    `metrics` are those of all runs, `compared` those of other papers' systems; `trunks` describe the CNNs.
    `settings`: datasets (names and kinds), cnn, comparisons (systems and the CNN of each), max_accuracy_drop.
    """
    cnns, runs, others = read_trunks(trunks), read_runs(metrics), read_runs(compared)
    rows: list[dict[str, Any]] = []
    for (name, kind), summary in zip(settings["datasets"], summaries, strict=True):
        here = runs[runs["dataset"] == name]
        setting = describe_setting(name, kind, summary, cnns[settings["cnn"]], here.query("method == 'naive'"))
        for splits in splits_of(here):
            part = here[here["split"].isin(splits)]
            if settings["comparisons"]:
                there = others[(others["dataset"] == name) & others["split"].isin(splits)]
                rows += summarise_comparisons(there, setting, settings["comparisons"], cnns)
            rows += split_rows(part, setting, settings["max_accuracy_drop"])
    write_table(rows, csv, markdown, latex)


def splits_of(runs: Runs) -> list[list[str]]:
    """Return all splits together; if there are several, also the first one alone, as in many papers."""
    splits = sorted(runs["split"].unique())
    return [splits, splits[:1]] if len(splits) > 1 else [splits]


def split_rows(runs: Runs, setting: Setting, max_accuracy_drop: float) -> Iterator[dict[str, Any]]:
    """Yield the rows of some splits; swept methods are at the strength that validation chooses."""
    for method, (title, column, reference) in ROWS.items():
        own, printed = runs[runs["method"] == method], COMPRESSION.get((setting.kind, title))
        if column:
            naive = runs[runs["method"] == reference]
            yield summarise_sweep(title, own, column, naive, setting, max_accuracy_drop, printed)
        else:
            yield summarise(title, own, setting, printed, NOTES.get(method, ""))


if __name__ == "__main__":
    run(make_table3)
