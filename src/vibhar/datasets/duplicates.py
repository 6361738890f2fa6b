"""Find clips of equal or nearly equal content, and those that cross the parts of a split.

An index is a table with a row a clip: clip, label, content, signature where it is of videos, and the splits.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from vibhar.datasets.splits import check_trained
from vibhar.errors import InputError

SIDES = (
    ("train", "test"),
    ("validation", "test"),
    ("train", "validation"),
)  # a clip of the first is seen in the second
NAMES = {"train": "training", "validation": "validation", "test": "test"}
LISTED = 50  # sets that are named
Pairs = np.ndarray  # [P, 2] of rows of the index


def near_pairs(signatures: pd.Series, bits: float) -> Pairs:
    """Rows of clips whose frames differ in `bits` of 64 at the most, in the mean over their frames; [P, 2].

    A signature is hexadecimal; clips without one look like no other.
    """
    rows = np.flatnonzero(signatures.to_numpy() != "")
    codes = np.array([np.frombuffer(bytes.fromhex(text), np.uint64) for text in signatures.iloc[rows]])
    pairs = [np.empty((0, 2), int)]
    for first, code in enumerate(codes):
        differing = np.bitwise_count(code ^ codes[first + 1 :]).mean(axis=1)
        second = first + 1 + np.flatnonzero(differing <= bits)
        pairs.append(np.stack([np.full_like(second, first), second], axis=1))
    return rows[np.concatenate(pairs)]


def find_near(index: pd.DataFrame, bits: float | None) -> Pairs:
    """The same of an index; none where they are not asked for, or the clips are no videos."""
    if bits is None or "signature" not in index:
        return np.empty((0, 2), int)
    return near_pairs(index["signature"], bits)


def has_twin(index: pd.DataFrame, split: str, part: str, pairs: Pairs) -> np.ndarray:
    """For each clip, whether another one, in that part of the split, has the same content or is of one of the pairs."""
    there = (index[split] == part).to_numpy()
    counts = pd.Series(there).groupby(index["content"].to_numpy()).transform("sum").to_numpy()
    found = (counts > there) & (index["content"] != "").to_numpy()
    for one, other in (pairs.T, pairs.T[::-1]) if len(pairs) else ():
        np.logical_or.at(found, one, there[other])
    return found


def drop_twins(index: pd.DataFrame, splits: Sequence[str], bits: float | None) -> tuple[pd.DataFrame, dict[str, int]]:
    """The index without the training and validation clips that are seen in validation or test, and how many they were.

    They become "unused"; the test part stays as it is. Raises InputError where a class loses all training clips.
    """
    index, pairs, dropped = index.copy(), find_near(index, bits), {}
    for split in splits:
        gone = np.zeros(len(index), bool)
        for part, seen in SIDES:
            gone |= (index[split] == part).to_numpy() & has_twin(index, split, seen, pairs)
        index[split] = index[split].mask(gone, "unused")
        dropped[split] = int(gone.sum())
        if gone.any():
            check_left(index, split)
    return index, dropped


def check_left(index: pd.DataFrame, split: str) -> None:
    """Raise InputError where what was dropped is needed."""
    try:
        check_trained(split, index[split], index["label"])
    except InputError as error:
        raise InputError(
            f"{error} Clips were dropped that show the same as those of validation or test; `data.duplicates: report` "
            "keeps them."
        ) from error


def describe_twins(index: pd.DataFrame, splits: Sequence[str], bits: float | None) -> dict[str, Any]:
    """Which clips show the same or nearly the same, and how many training and validation clips are seen in other parts.

    `note` is for the tables, and of `splits` alone; empty where no clip shows the same as another.
    """
    pairs = find_near(index, bits)
    readable = index[index["content"] != ""]
    sets = [group for _, group in readable.groupby("content", sort=False) if len(group) > 1]
    crossing = {split: count_crossing(index, split, pairs) for split in splits}
    alike = [[str(index["clip"].iloc[row]) for row in pair] for pair in pairs]
    return {
        "equal": [group["clip"].tolist() for group in sets[:LISTED]],
        "equal_clips": sum(map(len, sets)),
        "near": alike[:LISTED],
        "near_pairs": len(alike),
        "crossing": crossing,
        "note": ", ".join(notes(sets, len(alike), crossing)),
    }


def count_crossing(index: pd.DataFrame, split: str, pairs: Pairs) -> dict[str, int]:
    """How many clips of a part are seen in another part; only what there is."""
    counts = {
        f"{NAMES[part]} clips seen in {NAMES[seen]}": int(
            ((index[split] == part).to_numpy() & has_twin(index, split, seen, pairs)).sum()
        )
        for part, seen in SIDES
    }
    return {what: count for what, count in counts.items() if count}


def notes(sets: Sequence[pd.DataFrame], alike: int, crossing: dict[str, dict[str, int]]) -> list[str]:
    """What there is to say."""
    found = [f"{sum(map(len, sets))} clips of equal content in {len(sets)} sets"] * bool(sets)
    mixed = sum(group["label"].nunique() > 1 for group in sets)
    found += [f"{mixed} of the sets in more than one class"] * bool(mixed)
    found += [f"{alike} pairs of clips that look alike"] * bool(alike)
    return found + [
        f"in {split} {count} {what}" for split, counts in crossing.items() for what, count in counts.items()
    ]
