"""Stage: write the HTML report with all results of an experiment."""

import json
from pathlib import Path

from vibhar.files.writing import complete
from vibhar.results.report.page import render_page
from vibhar.stages.command import run


def make_report(
    *,
    results: list[Path],
    provenance: list[Path],
    summaries: list[Path],
    experiment: str,
    page: Path,
) -> None:
    """Write the report. `results` are tables (.csv) and figures (.png), `summaries` those of each dataset's clips."""
    html = render_page(
        {path.stem: path for path in results},
        {path.parent.name: json.loads(path.read_text("utf-8")) for path in summaries},
        [json.loads(path.read_text("utf-8")) for path in provenance],
        experiment,
    )
    with complete(page) as temporary:
        temporary.write_text(html)


if __name__ == "__main__":
    run(make_report)
