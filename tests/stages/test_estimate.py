"""The arithmetic of the estimate, and how planned commands are read."""

import json

import pytest

from vibhar.stages.upkeep.estimate import scale
from vibhar.stages.upkeep.replaying import Linear, count_epochs, line, shorten
from vibhar.workflow.planning import read_command

SETTINGS = '{"training": {"epochs": 50}}'
PRINTED = f"vibhar.stages.training.naive --store a.npy b.npy --seed 3 --threads 2 --settings '{SETTINGS}' > log 2>&1"


def test_a_command_is_read_without_its_log_and_its_threads() -> None:
    command = read_command(PRINTED)
    assert command.stage == "naive"
    assert command.options("--store") == ["a.npy", "b.npy"]
    assert command.option("--seed") == "3"
    assert command.option("--threads") == ""
    assert command.settings() == {"training": {"epochs": 50}}
    assert command.replaced(seed="4").option("--seed") == "4"


def test_two_measurements_give_what_a_job_and_what_a_clip_takes() -> None:
    assert line((1, 5), (3.0, 11.0)) == Linear(fixed=1.0, each=2.0)
    assert scale(Linear(1.0, 2.0), jobs=4, count=100) == 204


@pytest.mark.parametrize("values", [(3.0, 2.0), (0.0, 9.0)])
def test_noise_gives_no_negative_rate(values: tuple[float, float]) -> None:
    measured = line((1, 5), values)
    assert measured.fixed >= 0
    assert measured.each >= 0


def test_all_epochs_of_a_stage_are_shortened_and_counted() -> None:
    settings = {"training": {"epochs": 30, "weights": "imagenet"}, "finetune": {"training": {"epochs": 20}}, "x": [1]}
    assert count_epochs(settings) == 50
    short = shorten(settings, 2)
    assert count_epochs(short) == 4
    assert short["training"]["weights"] == "random"
    assert json.dumps(short["x"]) == "[1]"
