"""Splits: parts disjoint by group, folds that partition the clips, and parts that new clips do not reshuffle."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vibhar.datasets.splits import check_disjoint, check_trained, clip_folds, cut_validation, group_folds
from vibhar.errors import InputError

SIZES = st.lists(st.lists(st.integers(1, 6), min_size=2, max_size=9), min_size=1, max_size=5)  # clips a group, by class
SHARES = st.floats(0.05, 0.6)
EXAMPLES = settings(max_examples=40, deadline=None, derandomize=True)


def table(sizes: list[list[int]]) -> pd.DataFrame:
    """Clips of classes whose groups are their own, as in UCF101."""
    rows = [
        (f"{label}/g{group}/c{clip}", f"class{label}", f"class{label}/g{group}")
        for label, groups in enumerate(sizes)
        for group, clips in enumerate(groups)
        for clip in range(clips)
    ]
    return pd.DataFrame(rows, columns=["clip", "label", "group"])


def validation_of(clips: pd.DataFrame, parts: pd.Series, share: float = 0.2) -> pd.Series:
    return cut_validation(parts, clips["label"], clips["group"], share, seed=0)


def all_train(clips: pd.DataFrame) -> pd.Series:
    return pd.Series("train", index=clips.index)


@st.composite
def people(draw: st.DrawFn) -> pd.DataFrame:
    """Clips of people who each do some of the actions, as in Weizmann and HMDB51."""
    pairs = st.tuples(st.integers(0, 4), st.integers(0, 7), st.integers(1, 3))
    rows = draw(st.lists(pairs, min_size=1, max_size=40, unique_by=lambda pair: pair[:2]))
    clips = [(f"{label}/{group}/{clip}", f"class{label}", f"p{group}") for label, group, n in rows for clip in range(n)]
    return pd.DataFrame(clips, columns=["clip", "label", "group"])


@EXAMPLES
@given(SIZES, st.integers(2, 6))
def test_group_folds_test_each_group_once_and_every_class_in_turn(sizes: list[list[int]], folds: int) -> None:
    assume(max(map(len, sizes)) >= folds)
    clips = table(sizes)
    splits = pd.DataFrame(group_folds(clips["group"], clips["label"], folds))
    tested = splits == "test"
    assert (tested.sum(axis=1) == 1).all()
    assert tested.any().all()
    for name, parts in splits.items():
        check_disjoint(str(name), parts, clips["group"])
    groups_tested = clips.drop_duplicates("group").assign(fold=tested.idxmax(axis=1))
    by_fold = pd.crosstab(groups_tested["label"], groups_tested["fold"]).reindex(columns=tested.columns, fill_value=0)
    assert (by_fold.max(axis=1) - by_fold.min(axis=1)).max() <= 1


def test_people_leave_one_at_a_time_in_the_order_of_their_names() -> None:
    clips = pd.DataFrame(
        [(person, action) for action in ("walk", "jump") for person in "dbca"], columns=["group", "label"]
    )
    splits = group_folds(clips["group"], clips["label"], folds=4)
    assert [clips["group"][column == "test"].unique().tolist() for column in splits.values()] == [[p] for p in "abcd"]


def test_more_folds_than_groups_are_refused() -> None:
    clips = table([[2, 2, 2], [2, 2]])
    with pytest.raises(InputError, match="have groups for 3 of 4 folds"):
        group_folds(clips["group"], clips["label"], folds=4)


@EXAMPLES
@given(SIZES, st.integers(2, 5))
def test_clip_folds_partition_the_clips_of_each_class_evenly(sizes: list[list[int]], folds: int) -> None:
    clips = table(sizes)
    tested = pd.DataFrame(clip_folds(clips["clip"], clips["label"], folds, seed=0)) == "test"
    assert (tested.sum(axis=1) == 1).all()
    by_fold = tested.groupby(clips["label"]).sum()
    assert (by_fold.max(axis=1) - by_fold.min(axis=1)).max() <= 1


def test_the_seed_draws_other_clip_folds() -> None:
    clips = table([[5] * 5])
    first, same, other = (clip_folds(clips["clip"], clips["label"], 5, seed)["clip1"] for seed in (0, 0, 1))
    assert first.equals(same)
    assert not first.equals(other)


@EXAMPLES
@given(SIZES, SHARES)
def test_each_class_gives_whole_groups_near_the_share_and_keeps_some(sizes: list[list[int]], share: float) -> None:
    clips = table(sizes)
    parts = validation_of(clips, all_train(clips), share)
    check_disjoint("s", parts, clips["group"])
    check_trained("s", parts, clips["label"])
    for label, groups in enumerate(sizes):
        moved = (parts[clips["label"] == f"class{label}"] == "validation").sum()
        assert moved >= min(groups)
        assert abs(moved - share * sum(groups)) <= max(groups)


@EXAMPLES
@given(people(), SHARES)
def test_shared_groups_move_in_all_their_classes_and_leave_none_without_training(
    clips: pd.DataFrame, share: float
) -> None:
    parts = validation_of(clips, all_train(clips), share)
    check_disjoint("s", parts, clips["group"])
    assert set(clips["label"][parts == "train"]) == set(clips["label"])


def test_a_group_far_above_the_share_stays_in_training() -> None:
    clips = table([[40] + [3] * 10])
    for seed in range(20):
        parts = cut_validation(all_train(clips), clips["label"], clips["group"], 0.2, seed)
        assert 12 <= (parts == "validation").sum() <= 15


def test_the_seed_draws_another_validation_part() -> None:
    clips = table([[4] * 25])
    parts = [cut_validation(all_train(clips), clips["label"], clips["group"], 0.2, seed) for seed in (0, 0, 1)]
    assert parts[0].equals(parts[1])
    assert not parts[0].equals(parts[2])


def test_test_clips_stay_where_their_source_is_moved_in_another_class() -> None:
    clips = pd.DataFrame({"label": list("aabb"), "group": ["film", "other", "film", "third"]})
    given_parts = pd.Series(["train", "train", "test", "train"])
    for seed in range(10):
        parts = cut_validation(given_parts, clips["label"], clips["group"], 0.5, seed)
        assert sorted(parts[:2]) == ["train", "validation"]
        assert parts[2:].tolist() == ["test", "train"]


def test_the_only_training_group_of_a_class_is_kept() -> None:
    clips = table([[4], [4, 4]])
    parts = validation_of(clips, all_train(clips))
    assert (parts[clips["label"] == "class0"] == "train").all()
    assert (parts[clips["label"] == "class1"] == "validation").sum() == 4


@EXAMPLES
@given(SIZES, st.data())
def test_test_and_unused_parts_do_not_move_the_validation_part(sizes: list[list[int]], data: st.DataObject) -> None:
    clips = table(sizes)
    groups = sorted(clips["group"].unique())
    aside = data.draw(st.dictionaries(st.sampled_from(groups), st.sampled_from(["test", "unused"])))
    given_parts = clips["group"].map(lambda group: aside.get(group, "train"))
    parts = validation_of(clips, given_parts)
    kept = given_parts != "train"
    assert (parts[kept] == given_parts[kept]).all()
    rest = clips[~kept]
    assert parts[~kept].tolist() == validation_of(rest, all_train(rest)).tolist()


@EXAMPLES
@given(SIZES, st.lists(st.integers(1, 6), min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_a_new_class_and_another_order_of_rows_change_nothing(sizes: list[list[int]], new: list[int], random) -> None:
    clips = table(sizes)
    grown = table([*sizes, new])
    grown = grown.iloc[random.sample(range(len(grown)), len(grown))]

    def split(clips: pd.DataFrame) -> pd.DataFrame:
        parts = {
            "validation": validation_of(clips, all_train(clips)),
            **group_folds(clips["group"], clips["label"], 2),
            **clip_folds(clips["clip"], clips["label"], 2, seed=0),
        }
        return pd.DataFrame(parts).set_index(clips["clip"])

    assert split(grown).loc[clips["clip"]].equals(split(clips))


def test_a_new_group_of_the_same_class_moves_few_others() -> None:
    before, after = table([[4] * 25]), table([[4] * 26])
    moved = []
    for seed in range(50):
        old, new = (cut_validation(all_train(t), t["label"], t["group"], 0.2, seed) for t in (before, after))
        moved.append(before["group"][old != new[: len(old)]].nunique())
    assert max(moved) <= 1
    assert np.mean(moved) < 0.5


def test_a_leaking_group_and_an_untrained_class_are_named() -> None:
    clips = table([[2, 2], [2, 2]])
    parts = pd.Series(["train", "test", "test", "test", "unused", "test", "test", "test"])
    with pytest.raises(InputError, match="split1 the group 'class0/g0' stands on more than one side"):
        check_disjoint("split1", parts, clips["group"])
    with pytest.raises(InputError, match="split1 the class 'class1' has no training clip"):
        check_trained("split1", parts, clips["label"])


def test_unused_clips_leak_nothing() -> None:
    clips = table([[2, 2]])
    check_disjoint("split1", pd.Series(["train", "unused", "test", "test"]), clips["group"])


def test_a_split_without_any_validation_clip_is_refused() -> None:
    clips = table([[2, 2]])
    with pytest.raises(InputError, match="Split group1 has no validation clip"):
        check_trained("group1", pd.Series(["train", "train", "test", "test"]), clips["label"])
