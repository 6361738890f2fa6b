"""Few clips, few epochs, any batch size: a training ends with a history, or says in one paragraph why it cannot."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from vibhar.compression.modules import VIBGRU, VIBLSTM
from vibhar.errors import InputError
from vibhar.features.store import ClipSet, SplitData, open_split
from vibhar.files.arrays import save_array
from vibhar.models.classifier import RecurrentClassifier, parameter_groups
from vibhar.models.group_lasso import GroupLassoClassifier
from vibhar.models.temporal_segments import TemporalSegments
from vibhar.training.evaluation import Evaluation, evaluate
from vibhar.training.finetuning import finetune
from vibhar.training.loop import Schedule, build_optimizer, distillation_loss, train
from vibhar.training.measures import report_run
from vibhar.training.target import BetaGrowth, Goal

D, H = 4, 3
RECURRENT: dict[str, Any] = {"lstm": nn.LSTM, "gru": nn.GRU, "viblstm": VIBLSTM, "vibgru": VIBGRU}
SCHEDULES = st.fixed_dictionaries(
    {
        "epochs": st.integers(1, 5),
        "batch_size": st.one_of(st.integers(2, 50), st.just(10**9)),
        "learning_rate": st.sampled_from([1e-3, 0.1]),
        "gate_learning_rate": st.sampled_from([0.0, 0.1]),
        "optimizer": st.sampled_from(["adamw", "adam"]),
        "label_smoothing": st.sampled_from([0.0, 0.1]),
        "double_softmax": st.booleans(),
        "one_cycle": st.booleans(),
        "penalty_warmup": st.sampled_from([0.0, 0.01, 0.5, 1.0]),
        "patience": st.sampled_from([None, 1, 3]),
        "keep": st.sampled_from(["best", "last"]),
    }
)
DISTILLATION = st.fixed_dictionaries(
    {"weight": st.sampled_from([0.0, 0.5, 1.0]), "temperature": st.sampled_from([0.5, 2.0]), "mixup": st.booleans()}
)


def clip_set(clips: int, classes: int, frames: int = 3) -> ClipSet:
    features = np.random.default_rng(clips).normal(size=(clips, 2, 1, frames, D)).astype(np.float16)
    return ClipSet(features, np.arange(clips), torch.arange(clips) % classes)


def classifier(kind: str, classes: int, *, norm: bool, segments: int = 0, pool: bool = False) -> RecurrentClassifier:
    return RecurrentClassifier(
        RECURRENT[kind](D, H, batch_first=True),
        nn.Linear(H, classes),
        readout="last",
        norm=nn.BatchNorm1d(classes) if norm else None,
        segments=TemporalSegments(D, segments, pool=pool) if segments else None,
        beta=0.1,
        input_beta=0.1,
    )


def assert_one_paragraph(error: InputError) -> None:
    text = str(error)
    assert "\n" not in text
    assert 40 < len(text) < 500
    assert text.endswith(".")


@settings(max_examples=250, deadline=None)
@given(
    clips=st.integers(0, 40),
    validation=st.integers(0, 4),
    classes=st.integers(1, 5),
    frames=st.integers(1, 4),
    kind=st.sampled_from(sorted(RECURRENT)),
    norm=st.booleans(),
    segments=st.integers(0, 5),
    pool=st.booleans(),
    lasso=st.booleans(),
    schedule=SCHEDULES,
    distillation=DISTILLATION,
)
def test_it_trains_or_says_why_not(
    clips, validation, classes, frames, kind, norm, segments, pool, lasso, schedule, distillation
) -> None:
    torch.manual_seed(0)
    model: Any = classifier(kind, classes, norm=norm, segments=segments, pool=pool)
    if lasso and kind in ("lstm", "gru"):
        model = GroupLassoClassifier(model, 0.1)
    course = Schedule(**schedule)
    loss = distillation_loss(classifier("lstm", classes, norm=norm), course, **distillation)
    data = clip_set(clips, classes, frames), clip_set(validation, classes, frames)
    possible = clips and validation and segments <= frames
    alone = clips == 1 and (norm or (segments and frames // segments == 1))
    try:
        history = train(model, parameter_groups(model), *data, course, loss, seed=0)
    except InputError as error:
        assert_one_paragraph(error)
        assert alone or not possible
        return
    assert possible and not alone
    assert 1 <= len(history) <= course.epochs
    assert history["loss"].map(math.isfinite).all()
    assert evaluate(model, data[0]).confusion.sum() == clips


@pytest.mark.parametrize("steps", range(1, 200))
def test_the_rates_rise_and_fall_over_any_number_of_steps(steps: int) -> None:
    schedule = Schedule(epochs=1, batch_size=2, learning_rate=1.0)
    optimizer, scheduler = build_optimizer({"network": [nn.Parameter(torch.zeros(1))]}, schedule, steps)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert all(0 < rate <= 1 for rate in rates)
    if steps > 3:
        peak = int(np.argmax(rates))
        assert rates[peak] > 0.9
        assert rates[: peak + 1] == sorted(rates[: peak + 1])
        assert rates[peak:] == sorted(rates[peak:], reverse=True)


def test_of_ten_steps_the_first_is_at_the_full_rate() -> None:
    schedule = Schedule(epochs=10, batch_size=2, learning_rate=0.5)
    optimizer, _ = build_optimizer({"network": [nn.Parameter(torch.zeros(1))]}, schedule, 10)
    assert optimizer.param_groups[0]["lr"] == 0.5


@pytest.mark.parametrize(("norm", "sizes"), [(True, [3, 2, 2]), (False, [2, 2, 2, 1])])
def test_no_clip_is_left_alone_to_a_batch_norm(norm: bool, sizes: list[int], capsys) -> None:
    seen: list[int] = []
    model, data = classifier("lstm", 2, norm=norm), clip_set(7, 2)
    schedule = Schedule(epochs=1, batch_size=2, learning_rate=1e-3)

    def loss(model, batch) -> torch.Tensor:
        seen.append(len(batch[0]))
        return model(batch[0]).square().sum()

    train(model, parameter_groups(model), data, data, schedule, loss, seed=0)
    assert seen == sizes
    assert ("of 7 clips" in capsys.readouterr().out) == norm


@pytest.mark.parametrize("clips", [1, 2, 3, 7])
def test_a_dense_classifier_is_finetuned_on_few_clips(clips: int) -> None:
    data = SplitData(clip_set(clips, 2), clip_set(2, 2), clip_set(3, 2), ["a", "b"])
    dense, teacher = classifier("lstm", 2, norm=False), classifier("lstm", 2, norm=True)
    schedule = Schedule(epochs=10, batch_size=64, learning_rate=1e-2)
    options: dict[str, Any] = {
        "distillation": {"weight": 0.5, "temperature": 2.0, "mixup": True},
        "dropout": 0.5,
        "input_dropout": 0.1,
    }
    assert len(finetune(dense, teacher, data, seed=0, schedule=schedule, **options)) == 10
    assert report_run(dense, data)["clips"] == {"train": clips, "validation": 2, "test": 3}


def test_a_part_without_clips_is_no_accuracy() -> None:
    with pytest.raises(InputError, match="no clip to evaluate on") as refusal:
        evaluate(classifier("lstm", 2, norm=True), clip_set(0, 2))
    assert_one_paragraph(refusal.value)


def test_a_class_without_clips_has_no_accuracy_and_spoils_no_other() -> None:
    found = evaluate(classifier("lstm", 5, norm=True), clip_set(4, 2))
    assert found.confusion.shape == (5, 5)
    assert np.isnan(found.class_accuracy).tolist() == [False, False, True, True, True]
    assert Evaluation(np.diag([2, 0, 1])).accuracy == 1


@pytest.mark.parametrize("missing", ["train", "validation", "test"])
def test_a_split_with_an_empty_part_is_refused_before_a_training(tmp_path: Path, missing: str) -> None:
    parts = [part if part != missing else "unused" for part in ("train", "validation", "test")]
    index = pd.DataFrame({"clip": list("abc"), "label": ["x", "y", "x"], "split1": parts, "status": "ok"})
    index.to_parquet(tmp_path / "clips.parquet")
    save_array(np.zeros((3, 1, 1, 2, D), np.float16), tmp_path / "store.npy")
    with pytest.raises(InputError, match=f"The {missing} part of split1 has no readable clip") as refusal:
        open_split(tmp_path / "store.npy", tmp_path / "clips.parquet", "split1", strategy="segment")
    assert_one_paragraph(refusal.value)


def test_a_goal_that_was_met_is_kept_when_beta_then_cuts_everything() -> None:
    model = classifier("viblstm", 2, norm=False)
    growth = BetaGrowth(model, Goal(accuracy=0.5), first_epoch=0, growth=2.0, input_growth=2.0)
    assert not growth(0, 0.9)
    met = {name: entry.clone() for name, entry in model.state_dict().items()}
    assert isinstance(model.recurrent, VIBLSTM)
    nn.init.constant_(model.recurrent.bottlenecks.inputs.log_variance, 9.0)
    assert growth(1, 0.1)
    growth.restore()
    assert all(torch.equal(entry, met[name]) for name, entry in model.state_dict().items())
