"""Names of any letters in figures, tables and the report: drawn, tabulated and escaped, without a warning."""

import logging
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure

from vibhar.results.figures.contact_sheet import Sample, draw_contact_sheet
from vibhar.results.figures.figure2 import LONGEST_CLASS, Compared, draw_figure2
from vibhar.results.figures.labels import as_label, fonts_of
from vibhar.results.figures.style import save_figure
from vibhar.results.report.page import render_page
from vibhar.results.tables import COLUMNS, write_table

NAMES = [
    *(
        "$x$",
        "$\\frac{$",
        "a$b$c$d",
        "\\$",
        "_a_b_",
        "50%",
        "R&B",
        "#1",
        "{x}",
        "x^2",
        "back\\slash",
        "~t",
        "a|b",
        "<b>",
    ),
    *("跑步", "ركض", "लड़का", "🏃 run", "x" * 300, "  lead", "two\nlines", "\t", "\u200f", "é", "e\u0301", "'\""),
]


def drawn(figure: Figure, folder: Path, caplog: pytest.LogCaptureFixture) -> list[str]:
    """The texts of a figure that was written as PNG and as PDF without a word of matplotlib."""
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter("error")
        save_figure(figure, folder / "a.png", folder / "a.pdf")
    assert not caplog.records
    return [text.get_text() for axes in figure.axes for text in axes.get_yticklabels() + axes.get_xticklabels()]


def test_figure2_draws_classes_of_any_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    runs = pd.DataFrame({"classes": [NAMES], "test_confusion": [np.eye(len(NAMES), dtype=int).tolist()]})
    texts = drawn(draw_figure2([Compared("mine", runs, runs)]), tmp_path, caplog)
    assert {as_label(name, LONGEST_CLASS) for name in NAMES} <= {*texts}


def test_a_long_name_leaves_room_for_the_figure() -> None:
    classes = ["walk", "run", "golf swing, left-handed, of a name that is very long"]
    runs = pd.DataFrame({"classes": [classes], "test_confusion": [np.eye(3, dtype=int).tolist()]})
    figure = draw_figure2([Compared("mine", runs, runs)])
    figure.draw_without_rendering()
    assert min(axes.get_position().height for axes in figure.axes) > 0.3


def test_the_contact_sheet_draws_clips_of_any_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    frame, flow = np.zeros((8, 8, 3), np.uint8), torch.zeros(2, 8, 8)
    drawn(draw_contact_sheet([Sample(name, frame, flow) for name in NAMES]), tmp_path, caplog)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("$x$", r"\$x\$"),
        ("R&B_50%", "R&B_50%"),
        ("two\nlines", "two lines"),
        ("\t", r"'\t'"),
        ("ركض", "ركض"),
        ("x" * 41, "x" * 20 + "…" + "x" * 19),
    ],
)
def test_labels(name: str, label: str) -> None:
    assert as_label(name) == label
    assert not fonts_of([name])


def test_a_letter_that_no_font_has_is_drawn_as_its_code_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vibhar.results.figures.labels.fallbacks", lambda name: {})
    assert as_label("跑步") == "U+8DD1 U+6B65"


def table_of(folder: Path) -> dict[str, str]:
    """The three files of a table whose weights and notes are the names."""
    rows = [dict.fromkeys(COLUMNS, "") | {"method": "a", "weights": name, "note": name} for name in NAMES]
    csv, markdown, latex = (folder / f"table.{kind}" for kind in ("csv", "md", "tex"))
    write_table(rows, csv, markdown, latex)
    return {"md": markdown.read_text(encoding="utf-8"), "tex": latex.read_text(encoding="utf-8")}


def test_tables_hold_any_text(tmp_path: Path) -> None:
    files = table_of(tmp_path)
    read = pd.read_csv(tmp_path / "table.csv", dtype=str, keep_default_na=False)
    assert read["note"].tolist() == NAMES
    lines = files["md"].splitlines()
    assert len(lines) == len(NAMES) + 2
    assert {line.replace(r"\|", "").count("|") for line in lines} == {len(COLUMNS) + 1}
    body = files["tex"].partition(r"\midrule")[2].partition(r"\bottomrule")[0].strip().splitlines()
    assert len(body) == len(NAMES)
    for escaped in (r"\$x\$", r"50\%", r"R\&B", r"\#1", r"\{x\}", r"back\textbackslash slash", r"\_a\_b\_"):
        assert any(f"& {escaped} " in line for line in body)
    assert all(line.replace(r"\&", "").count("&") == len(COLUMNS) - 1 for line in body)


def test_the_report_escapes_names(tmp_path: Path) -> None:
    table_of(tmp_path)
    summary = {"clips": 9, "note": "", "split_lists": "", "unreadable": dict.fromkeys(NAMES, "<i>broken</i>")}
    summary["unused"] = {"text": {"files": 7, "first": NAMES}}
    page = render_page({"table2": tmp_path / "table.csv"}, {"mine": summary}, [], "mine")
    assert "&lt;b&gt;" in page
    assert "<i>" not in page
    assert "跑步" in page
