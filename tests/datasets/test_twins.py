"""Clips of equal content in an index: which there are, what crosses a split, what leaves training."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from vibhar.datasets.duplicates import describe_twins, drop_twins, near_pairs
from vibhar.errors import InputError


def index_of(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """An index of contents, labels and parts, with the signature of no frame."""
    index = pd.DataFrame(rows, columns=["content", "label", "split1"])
    return index.assign(clip=[f"clip{row}" for row in index.index], signature="")


def signatures(*bits: int) -> pd.Series:
    """One frame each, with so many of its bits set."""
    return pd.Series([np.packbits(np.arange(64) < count).tobytes().hex() for count in bits])


CROSSING = [
    ("a", "run", "train"),
    ("b", "run", "train"),
    ("c", "run", "validation"),
    ("d", "run", "validation"),
    ("e", "run", "train"),
    ("a", "run", "test"),
    ("a", "wave", "train"),
    ("d", "run", "test"),
    ("c", "run", "train"),
    ("f", "wave", "train"),
    ("f", "wave", "train"),
    ("g", "wave", "test"),
    ("g", "wave", "unused"),
    ("", "wave", "train"),
    ("", "wave", "test"),
]


def test_what_is_equal_and_crosses_is_counted() -> None:
    twins = describe_twins(index_of(*CROSSING), ["split1"], None)
    assert twins["equal"][0] == ["clip0", "clip5", "clip6"]
    assert (twins["equal_clips"], len(twins["equal"])) == (11, 5)
    assert twins["crossing"] == {
        "split1": {
            "training clips seen in test": 2,
            "validation clips seen in test": 1,
            "training clips seen in validation": 1,
        }
    }
    assert twins["note"].startswith("11 clips of equal content in 5 sets, 1 of the sets in more than one class")
    assert "in split1 2 training clips seen in test" in twins["note"]


def test_nothing_is_said_where_no_clip_is_equal() -> None:
    assert (
        describe_twins(index_of(("a", "x", "train"), ("", "x", "test"), ("", "x", "test")), ["split1"], 6)["note"] == ""
    )


def test_dropped_are_training_clips_first_and_no_test_clip_ever() -> None:
    index = index_of(*CROSSING)
    after, dropped = drop_twins(index, ["split1"], None)
    gone = set(index.index[index["split1"] != after["split1"]])
    assert (gone, dropped) == ({0, 6, 3, 8}, {"split1": 4})
    assert (after["split1"][[0, 6, 3, 8]] == "unused").all()
    assert describe_twins(after, ["split1"], None)["crossing"] == {"split1": {}}


def test_a_class_that_would_lose_all_training_clips_is_told() -> None:
    rows = [("a", "run", "train"), ("a", "run", "test"), ("b", "wave", "train"), ("c", "wave", "validation")]
    with pytest.raises(InputError, match=r"class 'run' has no training clip.*`data\.duplicates: report` keeps them"):
        drop_twins(index_of(*rows), ["split1"], None)


@pytest.mark.parametrize(("bits", "expected"), [(0, []), (2, []), (3, [(0, 1), (1, 3)]), (6, [(0, 1), (1, 3), (0, 3)])])
def test_clips_are_near_by_the_bits_in_which_they_differ(bits: int, expected: list[tuple[int, int]]) -> None:
    found = signatures(10, 13, 64, 16)
    assert {tuple(pair) for pair in near_pairs(found, bits)} == {*expected}
    assert len(near_pairs(pd.Series(["", *found, ""]), bits)) == len(expected)


def test_near_clips_cross_and_leave_where_they_are_asked_for() -> None:
    index = index_of(("a", "x", "train"), ("b", "x", "test"), ("c", "x", "train"), ("d", "x", "validation"))
    index["signature"] = signatures(10, 12, 40, 60)
    crossing: Any = {"split1": {"training clips seen in test": 1}}
    assert describe_twins(index, ["split1"], 2)["crossing"] == crossing
    assert describe_twins(index, ["split1"], None)["crossing"] == {"split1": {}}
    assert drop_twins(index, ["split1"], 2)[0]["split1"].tolist() == ["unused", "test", "train", "validation"]
