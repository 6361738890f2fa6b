"""The targets that download the real datasets: what they plan, where it goes, and how a failure reads."""

import re

import pytest
import yaml

from tests.workflow.conftest import REPOSITORY, Workflow
from vibhar.datasets.sources import SOURCES


@pytest.mark.parametrize("dataset", SOURCES)
def test_each_dataset_is_a_target_of_its_own(workflow: Workflow, dataset: str) -> None:
    planned = workflow.call("--dry-run", f"fetch_{dataset}")
    made = re.findall(r"output: (data/\S+)", planned.stdout + planned.stderr)
    assert set(made) == {f"data/{dataset}/{folder}" for folder in SOURCES[dataset]}


def test_all_downloads_nothing(workflow: Workflow) -> None:
    assert not [rule for rule in workflow.stale("all") if rule.startswith("fetch")]


def test_a_wrong_archive_is_set_aside_and_named(workflow: Workflow) -> None:
    lists = workflow.folder / "data/ucf101/UCF101TrainTestSplits-RecognitionTask.zip"
    lists.parent.mkdir(parents=True)
    lists.write_bytes(b"an error page")
    done = workflow.call("data/ucf101/ucfTrainTestlist")
    assert done.returncode == 1
    assert "has the size 13, not 113943 and the sha256" in " ".join((done.stdout + done.stderr).split())
    assert [path.name for path in lists.parent.iterdir()] == [f"{lists.name}.wrong"]


@pytest.mark.parametrize("dataset", SOURCES)
def test_the_paper_reads_what_is_fetched(dataset: str) -> None:
    config = yaml.safe_load((REPOSITORY / "config/paper.yaml").read_text())
    assert config["datasets"][dataset]["root"] == f"data/{dataset}/{next(iter(SOURCES[dataset]))}"
    assert config["datasets"]["ucf11_pixels"]["root"] == config["datasets"]["ucf11"]["root"]
