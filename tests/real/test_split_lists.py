"""The split lists that the package knows by itself, entry for entry against the official files."""

from pathlib import Path

import pandas as pd

from vibhar.datasets import hmdb51, ucf11, ucf101


def test_the_lists_of_hmdb51_are_the_official_ones(real_data: Path) -> None:
    official = hmdb51.read_lists(real_data / "hmdb51" / "testTrainMulti_7030_splits")
    assert [len(entries) for entries in official.values()] == [6766] * 3
    assert hmdb51.own_lists(pd.DataFrame()) == official


def test_the_splits_of_ucf101_follow_from_the_numbers_of_its_groups(real_data: Path) -> None:
    official = ucf101.read_lists(real_data / "ucf101" / "ucfTrainTestlist")
    assert [len(entries) for entries in official.values()] == [13320] * 3
    clips = ucf101.find_clips([f"{clip}.avi" for clip in official["split1"]])
    assert ucf101.own_lists(clips) == official


def test_every_class_of_ucf11_has_groups_1_to_25(real_data: Path) -> None:
    """It has no lists: its splits are folds of these numbers."""
    paths = (real_data / "ucf11" / "files.txt").read_text().split()
    numbers = ucf11.find_clips(paths).groupby("label")["number"].unique()
    assert len(numbers) == 11
    assert all(sorted(map(int, present)) == list(range(1, 26)) for present in numbers)
