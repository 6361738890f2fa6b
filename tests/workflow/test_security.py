"""No path, host or tag that a config can hold is ever run. Archives: test_unpacking.py; hosts: test_board.py."""

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.workflow.conftest import Workflow
from vibhar.features.cnn import build_trunk

EVIL = "my $(touch hacked)`touch hacked`; touch hacked & 'a' \"b\" {x} * | > \\ ünï"


def test_a_folder_of_videos_of_any_name(finished: Workflow, workflow: Workflow) -> None:
    shutil.copytree(finished.folder / "results/rendered/tiny", workflow.folder / EVIL)
    config = workflow.config
    config["datasets"] |= {"tiny": {"kind": "ucf11", "root": EVIL, "splits": ["group1"]}}
    workflow.configure(config)
    done = workflow.call("results/tiny/clips.json", "results/tiny/features/small_cnn_flow.npy")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(workflow.folder.rglob("hacked"))


def test_weights_in_a_file_of_any_name(workflow: Workflow) -> None:
    name = f"{EVIL}.safetensors".replace("{x}", "")
    save_file(build_trunk("small_cnn", "random").state_dict(), workflow.folder / name)
    config = workflow.config
    config["cnns"]["small_cnn"]["weights"] = name
    workflow.configure(config)
    done = workflow.call("results/cnns/small_cnn/trunk.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(workflow.folder.rglob("hacked"))


def test_a_file_with_braces_in_its_name_is_refused(workflow: Workflow) -> None:
    config = workflow.config
    (workflow.folder / "{x}.safetensors").touch()
    config["cnns"]["small_cnn"]["weights"] = "{x}.safetensors"
    workflow.configure(config)
    done = workflow.call("--dry-run", "all")
    assert done.returncode != 0
    assert "has braces, which Snakemake takes for wildcards. Rename it." in " ".join(
        (done.stdout + done.stderr).split()
    )


class Pickle:
    """Code that runs where a pickle is read without care."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("hacked"),)  # type: ignore[return-value]


def test_weights_that_run_code_are_refused(workflow: Workflow) -> None:
    torch.save({"features": Pickle()}, workflow.folder / "weights.pth")
    config = workflow.config
    config["cnns"]["small_cnn"]["weights"] = "weights.pth"
    workflow.configure(config)
    done = workflow.call("results/cnns/small_cnn/trunk.json")
    assert done.returncode != 0
    assert "weights_only=True" in " ".join((done.stdout + done.stderr).split())
    assert not (workflow.folder / "hacked").exists()


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!python/name:os.system", "!include"])
def test_tags_of_yaml_are_refused(workflow: Workflow, tag: str) -> None:
    config = workflow.folder / "config.yaml"
    config.write_text(f"{config.read_text()}\nextra: {tag} [touch hacked]\n")
    done = workflow.call("all")
    assert done.returncode != 0
    assert "Config file is not valid JSON or YAML" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (workflow.folder / "hacked").exists()


@pytest.mark.parametrize("name", ["a b", "../up", "$(x)", "a;b", "a/b", "-rf"])
@pytest.mark.parametrize("where", ["datasets", "cnns", "experiment"])
def test_names_that_become_paths_are_plain(workflow: Workflow, where: str, name: str) -> None:
    config = workflow.config
    if where == "experiment":
        config["experiment"] = name
    else:
        config[where][name] = next(iter(config[where].values()))
    workflow.configure(config)
    done = workflow.call("--dry-run", "all")
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
