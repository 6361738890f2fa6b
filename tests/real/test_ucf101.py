"""Real clips of UCF101 with real ImageNet weights, from the videos to the table: a small part of ucf101.yaml."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from tests.workflow.conftest import REPOSITORY, Workflow, merge

SMALL = {
    "seeds": [0],
    "vib": {"betas": [1.0e-2], "training": {"epochs": 40}},
    "finetune": {"training": {"epochs": 10}},
    "iss": {"strengths": [1.0e-2], "vib_beta": 1.0e-2, "training": {"epochs": 10}},
}


@pytest.fixture
def config(real_data: Path) -> dict:
    """Three classes, one split, one seed, fewer frames and hidden units, one CNN."""
    overlay = yaml.safe_load((Path(__file__).parent / "ucf101.yaml").read_text())
    config = merge(merge(yaml.safe_load((REPOSITORY / "config.yaml").read_text()), overlay), SMALL)
    dataset = config["datasets"]["ucf101_sample"] | {
        "root": str(real_data / "ucf101"),
        "classes": ["Archery", "Basketball", "PlayingPiano"],
        "splits": ["split1"],
        "sampling": {"strategy": "segment", "frames": 5, "views": 1},
        "lstm": {"hidden": 64},
    }
    weights = str(real_data / "weights/mobilenet_v2_imagenet.safetensors")
    cnns = {name: cnn for name, cnn in config["cnns"].items() if name != "inception_v3"}
    cnns["mobilenet_v2"] |= {"weights": weights}
    pixels = config["datasets"]["ucf101_pixels"] | {"root": str(real_data / "ucf101/UCF-101")}
    return config | {
        "datasets": {"ucf101_sample": dataset, "ucf101_pixels": pixels},
        "cnns": cnns,
        "table2": config["table2"] | {"second_cnn": None, "comparisons": []},
    }


@pytest.mark.slow
def test_table2_of_real_clips(config: dict, tmp_path: Path) -> None:
    workflow = Workflow(tmp_path)
    workflow.configure(config)
    done = workflow.call("table2")
    assert done.returncode == 0, done.stdout + done.stderr
    naive, ring, _, vib, _ = pd.read_csv(tmp_path / "results/real_ucf101/tables/table2.csv").to_dict("records")
    assert naive["weights"].startswith("ImageNet (sha256 ")
    assert naive["accuracy_mean"] > 60  # chance is 33.3
    assert vib["accuracy_mean"] > 60
    assert ring["accuracy_mean"] > 60
    assert vib["lstm_params"] < naive["lstm_params"] / 5
