"""Which frames are sampled: the centres that can be worked out by hand, and what holds for every clip."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibhar.videos.sampling import STRATEGIES, clip_seed, sample_indices, sample_stacks

cases = {
    "strategy": st.sampled_from(STRATEGIES),
    "frames": st.integers(1, 70),
    "length": st.integers(1, 500),
    "views": st.integers(1, 6),
    "seed": st.integers(0, 2**64 - 1),
}


@pytest.mark.parametrize(
    ("strategy", "frames", "length", "row"),
    [
        ("uniform", 4, 8, [1, 3, 5, 7]),
        ("uniform", 3, 10, [1, 5, 8]),
        ("segment", 4, 8, [1, 3, 5, 7]),
        ("segment", 1, 9, [4]),
        ("contiguous", 4, 10, [3, 4, 5, 6]),
        ("contiguous", 4, 4, [0, 1, 2, 3]),
        ("uniform", 6, 3, [0, 0, 1, 1, 2, 2]),
        ("segment", 5, 2, [0, 0, 1, 1, 1]),
        ("contiguous", 5, 3, [0, 1, 2, 2, 2]),
        ("uniform", 3, 1, [0, 0, 0]),
        ("contiguous", 3, 1, [0, 0, 0]),
    ],
)
def test_the_first_row_is_central(strategy, frames, length, row):
    assert sample_indices(strategy, frames, length, views=1, seed=0).tolist() == [row]


@given(**cases)
def test_every_index_lies_in_the_clip_and_none_goes_back(strategy, frames, length, views, seed):
    indices = sample_indices(strategy, frames, length, views, seed)
    assert indices.shape == (views, frames)
    assert indices.min() >= 0
    assert indices.max() < length
    assert (np.diff(indices, axis=1) >= 0).all()


@given(**cases)
def test_more_views_only_add_rows(strategy, frames, length, views, seed):
    fewer, more = (sample_indices(strategy, frames, length, count, seed) for count in (views, views + 3))
    np.testing.assert_array_equal(fewer, more[:views])


@given(frames=st.integers(1, 40), length=st.integers(1, 300), seed=st.integers(0, 2**32))
def test_segments_may_be_mixed_freely(frames, length, seed):
    pool = sample_indices("segment", frames, length, views=9, seed=seed)
    borders = np.arange(frames + 1) * length / frames
    assert (pool >= np.floor(borders[:-1])).all()
    assert (pool < np.ceil(borders[1:])).all()
    mixed = pool[np.random.default_rng(seed).integers(9, size=frames), np.arange(frames)]
    assert (np.diff(mixed) >= 0).all()


def test_segments_draw_apart():
    steps = np.diff(sample_indices("segment", 10, 100, views=20, seed=3)[1:], axis=1)
    assert all(len(set(row)) > 3 for row in steps)


def test_uniform_rows_keep_the_spacing():
    assert (np.diff(sample_indices("uniform", 10, 100, views=20, seed=3), axis=1) == 10).all()


def test_contiguous_rows_are_consecutive():
    assert (np.diff(sample_indices("contiguous", 10, 100, views=20, seed=3), axis=1) == 1).all()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_random_rows_reach_every_frame(strategy):
    assert set(sample_indices(strategy, 4, 20, views=400, seed=1)[1:].ravel()) == set(range(20))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_seed_decides_the_random_rows(strategy):
    first, again, other = (sample_indices(strategy, 4, 200, views=5, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first[0], other[0])
    assert (first[1:] != other[1:]).any()


@pytest.mark.parametrize("name", ["frames", "length", "views", "seed"])
def test_a_number_that_makes_no_sense_is_named(name):
    arguments = {"frames": 4, "length": 8, "views": 2, "seed": 0} | {name: -1}
    with pytest.raises(ValueError, match=name):
        sample_indices("uniform", **arguments)


def test_an_unknown_strategy_is_named_with_those_there_are():
    with pytest.raises(ValueError, match=r"'dense'.*contiguous"):
        sample_indices("dense", 4, 8, 1, 0)


def test_clip_seeds_are_stable_and_differ():
    assert clip_seed("v_biking_01_01", 0) == 4069248461660348073
    seeds = {clip_seed(name, seed) for name in ("a", "b", "1", "\udcff") for seed in (0, 1, 11)}
    assert len(seeds) == 12


@given(**cases, pairs=st.integers(1, 12))
def test_stacks_begin_at_the_sampled_frames_where_enough_follow(strategy, frames, length, views, seed, pairs) -> None:
    taken = sample_indices(strategy, frames, length, views, seed)
    stacks = sample_stacks(strategy, frames, length, views, seed, pairs=pairs)
    assert stacks.shape == (*taken.shape, pairs + 1)
    fits = taken + pairs < length
    np.testing.assert_array_equal(stacks[..., 0][fits], taken[fits])
    assert (stacks <= length - 1).all()
    if length > pairs:
        assert (np.diff(stacks, axis=-1) == 1).all()
