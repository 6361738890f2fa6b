"""The loop learns, draws from the pool of frames, keeps the epoch that validation chose, and repeats itself."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from vibhar.compression.modules import VIBLSTM
from vibhar.features.store import ClipSet, open_split
from vibhar.files.arrays import save_array
from vibhar.models.checkpoints import load_classifier, save_classifier
from vibhar.models.classifier import FrameMeanClassifier, RecurrentClassifier, parameter_groups
from vibhar.training.evaluation import evaluate
from vibhar.training.loop import Schedule, distillation_loss, label_loss, train

D, T, H = 6, 5, 8


def order_matters(clips: int, seed: int) -> ClipSet:
    """Two classes with the same frames: a bump that comes early or late."""
    random = np.random.default_rng(seed)
    labels = np.arange(clips) % 2
    features = random.normal(0, 0.3, (clips, 2, 1, T, D))
    features[np.arange(clips), :, :, np.where(labels == 0, 0, T - 1), 0] += 3
    return ClipSet(features.astype(np.float16), np.arange(clips), torch.from_numpy(labels))


def fresh(seed: int = 0, gated: bool = False, **gates: Any) -> RecurrentClassifier:
    torch.manual_seed(seed)
    lstm = nn.LSTM(D, H, batch_first=True)
    recurrent = VIBLSTM.from_lstm(lstm, **gates) if gated else lstm
    return RecurrentClassifier(recurrent, nn.Linear(H, 2), readout="last", beta=1e-3, input_beta=1e-3)


def fit(model: RecurrentClassifier, **changes) -> pd.DataFrame:
    schedule = Schedule(**{"epochs": 15, "batch_size": 16, "learning_rate": 2e-2, **changes})
    loss = label_loss(schedule)
    return train(model, parameter_groups(model), order_matters(64, 0), order_matters(32, 1), schedule, loss, seed=0)


def test_an_lstm_learns_an_order() -> None:
    model = fresh()
    fit(model)
    assert evaluate(model, order_matters(64, 2)).accuracy > 0.95


def test_the_same_seed_gives_the_same_weights() -> None:
    first, second = fresh(), fresh()
    pd.testing.assert_frame_equal(fit(first, epochs=3), fit(second, epochs=3))
    for ours, theirs in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_the_best_epoch_on_validation_is_kept() -> None:
    model = fresh()
    history = fit(model, epochs=8)
    assert evaluate(model, order_matters(32, 1)).accuracy == history["validation_accuracy"].max()


def test_patience_ends_a_run_that_does_not_improve() -> None:
    history = fit(fresh(), epochs=50, patience=2, learning_rate=1e-9)
    assert len(history) < 10
    assert history["validation_accuracy"].iloc[-2:].max() <= history["validation_accuracy"].iloc[:-2].max()


def test_the_penalty_closes_gates_that_carry_nothing_and_decay_does_not_touch_them() -> None:
    model = fresh(gated=True)
    fit(model, epochs=40, gate_learning_rate=5e-2, one_cycle=False, keep="last", penalty_warmup=0.2)
    assert isinstance(model.recurrent, VIBLSTM)
    mask = model.recurrent.bottlenecks.inputs.mask()
    assert mask[0]
    assert mask.sum() < D
    still = fresh(gated=True)
    still.beta = still.input_beta = 0.0
    assert isinstance(still.recurrent, VIBLSTM)
    before = still.recurrent.bottlenecks.inputs.mean.detach().clone()
    fit(still, epochs=2, gate_learning_rate=0.0, weight_decay=0.5)
    assert torch.equal(still.recurrent.bottlenecks.inputs.mean, before)


@pytest.mark.parametrize(("optimizer", "closes"), [("adam", True), ("adamw", False)])
def test_coupled_decay_closes_gates_without_any_information(optimizer: str, closes: bool) -> None:
    model = fresh(gated=True, noise="once")
    model.beta = model.input_beta = 0.0
    decay = {"optimizer": optimizer, "gate_weight_decay": 5e-4, "gate_learning_rate": 0.1}
    fit(model, epochs=40, one_cycle=False, keep="last", **decay)
    assert isinstance(model.recurrent, VIBLSTM)
    assert (model.recurrent.bottlenecks.inputs.log_variance > -1).all() == closes
    assert (model.recurrent.bottlenecks.kept().sum() < H) == closes


@pytest.mark.parametrize("classes", [2, 11])
def test_a_double_softmax_has_a_floor(classes: int) -> None:
    schedule = Schedule(epochs=1, batch_size=2, learning_rate=1e-3, double_softmax=True)
    certain = FrameMeanClassifier(classes, classes)
    nn.init.zeros_(certain.head.bias)
    certain.head.weight.data = 1e3 * torch.eye(classes)
    batch = torch.eye(classes)[:, None], torch.arange(classes)
    assert label_loss(schedule)(certain, batch).item() == pytest.approx(math.log(1 + (classes - 1) / math.e))
    assert label_loss(schedule._replace(double_softmax=False))(certain, batch).item() == 0


def test_a_teacher_of_weight_0_is_not_asked() -> None:
    schedule = Schedule(epochs=15, batch_size=16, learning_rate=2e-2)
    plain, student = fresh(), fresh()
    history = fit(plain)
    loss = distillation_loss(fresh(1), schedule, weight=0.0, temperature=2.0, mixup=True)
    data = order_matters(64, 0), order_matters(32, 1)
    pd.testing.assert_frame_equal(train(student, parameter_groups(student), *data, schedule, loss, seed=0), history)


@pytest.mark.parametrize("mixup", [True, False])
def test_a_student_follows_its_teacher(mixup: bool) -> None:
    teacher, student = fresh(0), fresh(1)
    fit(teacher)
    schedule = Schedule(epochs=15, batch_size=16, learning_rate=2e-2)
    data = order_matters(64, 0)
    wrong = ClipSet(data.features, data.rows, 1 - data.labels)  # labels that a weight of 1 must not see
    loss = distillation_loss(teacher, schedule, weight=1.0, temperature=2.0, mixup=mixup)
    train(student, parameter_groups(student), wrong, order_matters(32, 1), schedule, loss, seed=0)
    assert evaluate(student, order_matters(64, 2)).accuracy > 0.95


@pytest.mark.parametrize("mix", [True, False])
def test_training_draws_each_frame_from_the_views(mix: bool) -> None:
    features = np.zeros((1, 3, 1, T, 1), np.float16) + np.arange(3).reshape(1, 3, 1, 1, 1)
    clips = ClipSet(features, np.array([0]), torch.tensor([0]), mix_views=mix)
    draws = [next(clips.shuffled_batches(1, np.random.default_rng(seed)))[0].flatten() for seed in range(50)]
    assert {value for draw in draws for value in draw.tolist()} == {0.0, 1.0, 2.0}
    assert any(len(draw.unique()) > 1 for draw in draws) == mix
    assert next(clips.ordered_batches(1))[0].eq(0).all()


def test_all_frames_of_a_draw_have_the_same_crop() -> None:
    features = np.zeros((1, 2, 3, T, 1), np.float16) + np.arange(3).reshape(1, 1, 3, 1, 1)
    clips = ClipSet(features, np.array([0]), torch.tensor([0]))
    draws = [next(clips.shuffled_batches(1, np.random.default_rng(seed)))[0].unique().tolist() for seed in range(50)]
    assert all(len(draw) == 1 for draw in draws)
    assert {crop for draw in draws for crop in draw} == {0.0, 1.0, 2.0}
    assert next(clips.ordered_batches(1))[0].eq(0).all()


def test_a_split_is_opened_by_its_parts(tmp_path: Path) -> None:
    index = pd.DataFrame(
        {
            "clip": list("abcde"),
            "label": ["y", "x", "y", "x", "x"],
            "split1": ["train", "validation", "test", "unused", "train"],
            "status": ["ok", "ok", "ok", "ok", "unreadable"],
        }
    )
    index.to_parquet(tmp_path / "clips.parquet")
    save_array(np.zeros((4, 1, 1, T, D), np.float16), tmp_path / "store.npy")
    data = open_split(tmp_path / "store.npy", tmp_path / "clips.parquet", "split1", strategy="segment")
    assert data.classes == ["x", "y"]
    assert [part.rows.tolist() for part in (data.training, data.validation, data.test)] == [[0], [1], [2]]
    assert data.test.labels.tolist() == [1]
    save_array(np.zeros((5, 1, 1, T, D), np.float16), tmp_path / "store.npy")
    with pytest.raises(ValueError, match=r"holds 5 clips, its index .* has 4"):
        open_split(tmp_path / "store.npy", tmp_path / "clips.parquet", "split1", strategy="segment")


@pytest.mark.parametrize(("gated", "gates"), [(True, {}), (True, {"evaluation": "mask"}), (False, {})])
def test_a_classifier_comes_back_from_disk(tmp_path: Path, gated: bool, gates: dict[str, Any]) -> None:
    model = fresh(gated=gated, **gates).eval()
    save_classifier(model, tmp_path / "model.safetensors")
    x = torch.randn(3, T, D)
    assert torch.equal(load_classifier(tmp_path / "model.safetensors")(x), model(x))
