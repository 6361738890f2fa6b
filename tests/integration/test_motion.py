"""The rendered actions: a bag of frames loses to the LSTM where only the order of the frames tells classes apart."""

from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from jaxtyping import Float
from torch import Tensor, nn

from tests.workflow.conftest import REPOSITORY, Workflow
from vibhar.features.store import SplitData, open_split
from vibhar.models.classifier import Classifier, parameter_groups
from vibhar.stages.training.naive import build_classifier
from vibhar.training.evaluation import evaluate
from vibhar.training.loop import Schedule, label_loss, train
from vibhar.workflow.config import check_config

PAIRS = [("BaseballPitch", "FrisbeeCatch"), ("Surfing", "SkateBoarding"), ("HammerThrow", "ThrowDiscus")]
SEEDS = range(3)


class BagOfFrames(nn.Module):
    """Mean and deviation of the features over time -> linear layer: blind to the order of the frames."""

    def __init__(self, dim: int, classes: int) -> None:
        super().__init__()
        self.head = nn.Linear(2 * dim, classes)

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B C"]:
        """Logits."""
        return self.head(torch.cat([x.mean(dim=1), x.std(dim=1)], dim=1))

    def penalty(self) -> Float[Tensor, ""]:
        """Nothing to penalise."""
        return torch.zeros(())


@pytest.fixture(scope="module")
def config() -> dict:
    """The default, completed as the workflow completes it."""
    schema = yaml.safe_load((REPOSITORY / "workflow/schemas/config.schema.yaml").read_text())
    return check_config(yaml.safe_load((REPOSITORY / "config.yaml").read_text()), schema)


@pytest.fixture(scope="module")
def data(config: dict, tmp_path_factory: pytest.TempPathFactory) -> SplitData:
    """The features of the default's UCF101, computed by the workflow."""
    workflow = Workflow(tmp_path_factory.mktemp("motion"))
    workflow.configure(config)
    store = "results/rendered_ucf101/features/small_cnn.npy"
    done = workflow.call(store)
    assert done.returncode == 0, done.stdout + done.stderr
    clips = workflow.folder / "results/rendered_ucf101/clips.parquet"
    return open_split(workflow.folder / store, Path(clips), "split1", strategy=config["sampling"]["strategy"])


def measure(model: Classifier, data: SplitData, schedule: Schedule, seed: int) -> tuple[float, float]:
    """Test accuracy after training: of all clips, and of those that only the order of their frames tells apart."""
    assert isinstance(model, nn.Module)
    train(model, parameter_groups(model), data.training, data.validation, schedule, label_loss(schedule), seed=seed)
    result = evaluate(model, data.test)
    ordered = [data.classes.index(name) for pair in PAIRS for name in pair]
    return result.accuracy, result.confusion.diagonal()[ordered].sum() / result.confusion[ordered].sum()


@pytest.mark.slow
def test_a_bag_of_frames_loses_to_the_lstm(data: SplitData, config: dict) -> None:
    schedule = Schedule(**config["naive"])
    bags, lstms = [], []
    for seed in SEEDS:
        torch.manual_seed(seed)
        bags.append(measure(BagOfFrames(data.dim, len(data.classes)), data, schedule, seed))
        lstms.append(measure(build_classifier(data, config["lstm"], "naive", seed), data, schedule, seed))
    bag, lstm = np.mean(bags, axis=0), np.mean(lstms, axis=0)
    print(f"accuracy of all clips and of the pairs: bag of frames {bag.round(3)}, LSTM {lstm.round(3)}")
    assert lstm[1] > bag[1] + 0.1
    assert 0.4 < lstm[0] < 0.99  # chance is 0.125
