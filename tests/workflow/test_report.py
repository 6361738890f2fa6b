"""The report in a browser: every item is there, every picture is seen, and nothing is amiss in the console."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.workflow.conftest import Workflow

ITEMS = (
    *(f"table{number}" for number in range(1, 5)),
    *(f"figure{number}" for number in range(1, 6)),
    *("pixels", "pareto", "flow_tiny", "table_pi", "table_pi_parts", "figure_pi", "curves", "clips", "provenance"),
)
COUNT = """<script>
const broken = [...document.images].filter(image => !image.complete || !image.naturalWidth);
const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
document.title = `${document.images.length} images, ${broken.length} broken, wider than the window: ${wide}`;
</script>"""


@pytest.fixture(scope="module")
def browser() -> str:
    """Chromium, if it is there."""
    return shutil.which("chromium") or pytest.skip("there is no chromium (.ci/packages installs it)")


def look(browser: str, page: Path) -> subprocess.CompletedProcess[str]:
    """The page as the browser has it after loading, and on stderr what its console says."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr"]
    command = [browser, *options, f"--user-data-dir={page.parent}/profile", "--window-size=1200,900", "--dump-dom"]
    return subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)


def test_the_report_in_a_browser(finished: Workflow, browser: str, tmp_path: Path) -> None:
    html = (finished.folder / "results/default/report.html").read_text()
    page = tmp_path / "report.html"
    page.write_text(html.replace("</body>", f"{COUNT}</body>"))
    seen = look(browser, page)
    assert set(ITEMS) <= set(re.findall(r' id="(\w+)"', seen.stdout))
    pictures = len(list(finished.folder.glob("results/default/figures/*.png")))
    assert f"<title>{pictures} images, 0 broken, wider than the window: false</title>" in seen.stdout
    assert "CONSOLE" not in seen.stderr
    assert not re.search(r'(src|href)="(?!data:|#)', html), "the page asks for something that is not in it"


def test_an_error_in_the_page_would_be_seen(browser: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><title>no</title><script>nothing()</script>")
    assert "CONSOLE" in look(browser, page).stderr


def test_the_paper_stands_beside(finished: Workflow) -> None:
    html = (finished.folder / "results/default/report.html").read_text()
    assert re.search(
        r"VIB-LSTM on tiny \(group1\): [0-9.]+ ± .* LSTM parameters; the paper has 98\.53 % with 2052\.", html
    )
    assert "VIB-LSTM has the same with 2052" in html
