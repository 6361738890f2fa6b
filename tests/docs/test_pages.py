"""What the README and the pages show: Python that runs, configs that are valid, links and rooms that are there."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from sybil import Document, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

from vibhar.workflow.config import check_config, merge

REPOSITORY = Path(__file__).parents[2]
README = REPOSITORY / "README.md"
PAGES = [README, REPOSITORY / "config/README.md", *sorted(REPOSITORY.glob("docs/**/*.md"))]
ROOMS = [path.parent.name for path in REPOSITORY.glob("src/vibhar/*/__init__.py")]


def pages_with(language: str) -> list[Any]:
    """The pages that have a block of a language."""
    pages = [page for page in PAGES if f"```{language}\n" in page.read_text()]
    return [pytest.param(page, id=page.relative_to(REPOSITORY).as_posix()) for page in pages]


def parse(page: Path, parser: Any) -> Document:
    """A page with its blocks, which share their names as the statements of one module do."""
    return Sybil(parsers=[parser], path=str(REPOSITORY)).parse(page)


@pytest.mark.parametrize("page", pages_with("python"))
def test_python_runs(page: Path) -> None:
    for example in parse(page, PythonCodeBlockParser()).examples():
        example.evaluate()


@pytest.mark.parametrize("page", pages_with("yaml"))
def test_yaml_is_a_config(page: Path) -> None:
    schema = yaml.safe_load((REPOSITORY / "workflow/schemas/config.schema.yaml").read_text())
    default = yaml.safe_load((REPOSITORY / "config.yaml").read_text())
    for example in parse(page, CodeBlockParser("yaml", lambda example: None)).examples():
        check_config(merge(default, yaml.safe_load(example.parsed)), schema)


def test_the_readme_is_short_and_has_a_library_example() -> None:
    text = README.read_text()
    assert len(text.splitlines()) <= 100
    assert "from vibhar import VIBLSTM, prune" in text
    assert text.count("```python\n") == 1


@pytest.mark.parametrize("page", [README, REPOSITORY / "config/README.md"], ids=["README", "config"])
def test_links_to_files(page: Path) -> None:
    links = re.findall(r"(?:\]\(|src=\")([^)\"#]+)", page.read_text())
    assert len(links) > 2
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_files_that_the_pages_name_are_there() -> None:
    named = {
        (page.name, name)
        for page in PAGES
        for name in re.findall(r"\b(?:src|tests|benchmarks|docs|config)/[\w/]+\.(?:py|yaml|md|png)\b", page.read_text())
    }
    assert len(named) > 20
    assert [pair for pair in sorted(named) if not (REPOSITORY / pair[1]).exists()] == []


def test_the_map_of_the_house_has_every_room() -> None:
    rooms, *_ = (REPOSITORY / "docs/house.md").read_text().split("\n## ")
    rows = re.findall(r"^\| `(\w+)/` \|", rooms, re.M)
    assert sorted(rows) == sorted(ROOMS)
    assert sorted(ROOMS) == sorted(page.stem for page in REPOSITORY.glob("docs/api/*.md") if page.stem != "index")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


class Loaded(HTMLParser):
    """Collects what a browser loads of a page: scripts, styles, pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if address := given.get("src") or (given.get("href") if tag == "link" else None):
            self.addresses.append(address)


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    loaded = Loaded()
    for page in site.rglob("*.html"):
        loaded.feed(page.read_text())
    assert len(loaded.addresses) > 50
    assert [address for address in loaded.addresses if "//" in address] == []


def test_every_key_is_in_the_config_reference(site: Path) -> None:
    text = (site / "config_reference.html").read_text()
    schema = yaml.safe_load((REPOSITORY / "workflow/schemas/config.schema.yaml").read_text())
    keys = set(keys_of(schema))
    assert {"betas", "max_unreadable", "group_pattern", "gate_weight_decay", "warps"} < keys
    shown = {
        name.rpartition(".")[2]
        for name in re.findall(r"<code>([\w.]+)</code>|<h2 id=\"[^\"]*\">(\w+)", text)
        for name in name
    }
    assert sorted(keys - shown) == []


def test_every_module_is_in_the_api_reference(site: Path) -> None:
    shown = {
        name for page in (site / "api").glob("*.html") for name in re.findall(r'id="(vibhar[\w.]*)"', page.read_text())
    }
    package = REPOSITORY / "src"
    files = [
        path for path in package.glob("vibhar/*/**/*.py") if path.name != "__init__.py" and "device" not in path.parts
    ]
    modules = {".".join(path.relative_to(package).with_suffix("").parts) for path in files}
    assert {"vibhar.compression.pruning.prune", "vibhar.videos.decoding.VideoFacts"} < shown
    assert sorted(modules - shown - {name.rpartition(".")[0] for name in shown}) == []


def keys_of(schema: Any) -> list[str]:
    """The names of all keys that a schema describes."""
    if not isinstance(schema, dict):
        return []
    named = schema.get("properties", {})
    inner = [part for name, part in schema.items() if name != "properties"]
    return [*named, *(key for part in [*named.values(), *inner] for key in keys_of(part))]
