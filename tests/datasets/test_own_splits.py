"""Splits that a user has: folders train, val and test, and a CSV file of parts; and a class that is spelled twice."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.datasets.test_datasets import plant, splits_of
from vibhar.datasets import Listing, check_splits, list_dataset
from vibhar.errors import InputError


def prepare(root: Path, *names: str, form: str = "{part}/{action}/{n}.mp4", first: int = 0) -> Path:
    """Two classes of five videos in each of some parts."""
    plant(root, (form.format(part=p, action=a, n=n) for p in names for a in ("run", "wave") for n in range(first, 5)))
    return root


def parts_of(listing: Listing) -> dict[str, int]:
    return Counter(listing.clips["split1"])


@pytest.mark.parametrize(
    "names", [("train", "val", "test"), ("Training", "Validation", "Testing"), ("TRAIN", "valid", "TEST")]
)
@pytest.mark.parametrize("form", ["{part}/{action}/{n}.mp4", "{part}/{action}/day/{n}.mp4", "{action}/{part}/{n}.mp4"])
def test_folders_of_parts_are_the_split(tmp_path: Path, names: tuple[str, ...], form: str) -> None:
    listing = list_dataset("folders", prepare(tmp_path, *names, form=form))
    assert set(listing.clips["label"]) == {"run", "wave"}
    assert splits_of(listing.clips) == ["split1"]
    assert parts_of(listing) == {"train": 10, "validation": 10, "test": 10}
    named = listing.clips["path"].str.lower().str.extract("(train|val|test)")[0].replace("val", "validation")
    assert (named == listing.clips["split1"]).all()
    assert listing.lists == "the folders train, val and test"


def test_validation_is_cut_from_train_where_there_is_no_folder_of_it(tmp_path: Path) -> None:
    listing = list_dataset("folders", prepare(tmp_path, "train", "test"))
    assert parts_of(listing) == {"train": 8, "validation": 2, "test": 10}


def test_a_config_that_asks_for_folds_of_prepared_folders_is_told_what_to_write(tmp_path: Path) -> None:
    listing = list_dataset("folders", prepare(tmp_path, "train", "val", "test"))
    with pytest.raises(InputError, match=r"no split 'group1'.*train, val and test\)\. Write `splits: \[split1\]`"):
        check_splits(list(listing.clips.columns), ["group1"], listing.lists)


def test_classes_may_be_called_train_and_test(tmp_path: Path) -> None:
    names = [f"{action}/{n}.mp4" for action in ("train", "test", "run") for n in range(6)]
    assert set(list_dataset("folders", plant(tmp_path, names)).clips["label"]) == {"train", "test", "run"}


def test_a_group_in_two_parts_is_told(tmp_path: Path) -> None:
    names = [
        f"{part}/{action}/p{n}_{part}.mp4" for part in ("train", "val", "test") for action in "ab" for n in range(4)
    ]
    listing = list_dataset("folders", plant(tmp_path, names), group_pattern="(p[0-9])_")
    assert listing.notes == ("in split1 4 groups stand in more than one part: it tests on scenes that were seen",)


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["train/run/1.mp4", "val/run/2.mp4"], "no part to test on. Add a folder test; or, to test on val, rename it"),
        (["train/1.mp4", "test/2.mp4"], "folders test, train under .* hold videos and no class folders"),
        (["train/run/1.mp4", "test/2.mp4"], "folders test under .* hold videos and no class folders"),
        (["train/run/1.mp4", "test/run/2.mp4", "extra/3.mp4"], "beside them, extra. Move what is no part"),
        (["set/train/run/1.mp4", "set/test/run/2.mp4"], "lie in .*set. Set `root` to that folder"),
        (["train/run/1.mp4", "train/run/2.mp4", "test/wave/3.mp4"], "class 'wave' has no training clip. Give it some"),
        (["train/Run/1.mp4", "test/run/2.mp4"], "one class in two ways: 'Run' .train/Run/1.mp4. and 'run' .test/run/2"),
    ],
)
def test_prepared_folders_that_cannot_be_used(tmp_path: Path, paths: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        list_dataset("folders", plant(tmp_path, paths))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path / "mine", (f"{action}/{who}.mp4" for action in ("run", "wave") for who in "abcdef"))


def part(path: str) -> str:
    """e and f are tested, d is for validation."""
    return {"e": "test", "f": "test", "d": "validation"}.get(Path(path).stem, "train")


def write(root: Path, rows: Sequence[tuple[str, ...]], columns: tuple[str, ...] = ("clip", "part")) -> Path:
    pd.DataFrame(rows, columns=list(columns)).to_csv(root.parent / "own.csv", index=False)
    return root.parent / "own.csv"


def rows_of(root: Path) -> list[tuple[str, ...]]:
    paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.mp4"))
    return [(path, part(path)) for path in paths]


def own(root: Path, table: Path, **more: Any) -> Listing:
    return list_dataset("folders", root, split_file=table, **more)


@pytest.mark.parametrize("columns", [("clip", "part"), ("clip", "split1"), ("clip", "group2")])
def test_a_file_of_parts_is_the_split(root: Path, columns: tuple[str, str]) -> None:
    listing = own(root, write(root, rows_of(root), columns))
    split = "split1" if columns[1] == "part" else columns[1]
    assert splits_of(listing.clips) == [split]
    assert (listing.clips[split] == listing.clips["path"].map(part)).all()
    assert listing.lists == str(root.parent / "own.csv")


def test_clips_by_any_name_and_several_splits(root: Path) -> None:
    rows = [(name.removesuffix(".mp4"), parted, "test" if "a." in name else "train") for name, parted in rows_of(root)]
    listing = own(root, write(root, rows, ("clip", "split1", "split2")))
    assert splits_of(listing.clips) == ["split1", "split2"]
    assert listing.clips["split2"].value_counts().to_dict() == {"train": 8, "validation": 2, "test": 2}


def test_clips_that_a_file_leaves_out_are_unused_and_named(root: Path) -> None:
    listing = own(root, write(root, [row for row in rows_of(root) if row[0] != "run/a.mp4"]))
    assert listing.unlisted == ["run/a.mp4"]
    assert listing.clips.set_index("clip").loc["run/a.mp4", "split1"] == "unused"


def test_a_file_may_name_clips_of_classes_that_are_not_wanted(root: Path) -> None:
    listing = own(root, write(root, rows_of(root)), classes=["run"])
    assert (len(listing.clips), listing.unlisted) == (6, [])


def test_a_file_for_ucf101_stands_in_for_its_lists(tmp_path: Path) -> None:
    clips = [f"A/v_A_g{group:02d}_c01" for group in range(1, 7)]
    plant(tmp_path / "mine/UCF-101", (f"{clip}.avi" for clip in clips))
    table = write(tmp_path / "mine", [(f"{clip}.avi", "test" if clip == clips[5] else "train") for clip in clips])
    listing = list_dataset("ucf101", tmp_path / "mine", split_file=table)
    assert parts_of(listing) == {"train": 4, "validation": 1, "test": 1}


def test_a_group_on_both_sides_of_a_file_is_told(root: Path) -> None:
    listing = own(root, write(root, rows_of(root)), group_pattern="(run|wave)/")
    assert "in split1 2 groups stand in more than one part" in listing.notes[0]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("run/z.mp4", "train")], r"names 1 clips that are not under .*: run/z.mp4; a clip there is 'run/a.mp4'"),
        ([(f"run/z{n}.mp4", "train") for n in range(900)], "run/z4.mp4 and 895 others"),
        ([("run/a.mp4", "train")], r"lists the clip 'run/a.mp4' twice"),
        ([("Run/a.mp4", "train")], r"spelled in two ways: 'Run' in the split lists .* 'run' under"),
        ([("", "train")], "has no clip in line 14"),
    ],
)
def test_faults_of_lines_are_told(root: Path, rows: list[tuple[str, str]], message: str) -> None:
    given = [row for row in rows_of(root) if not (rows[0][0] == "Run/a.mp4" and row[0] == "run/a.mp4")]
    with pytest.raises(InputError, match=message) as raised:
        own(root, write(root, [*given, *rows]))
    assert len(str(raised.value)) < 700


def test_faults_of_the_file_are_told(root: Path) -> None:
    rows = rows_of(root)
    with pytest.raises(InputError, match=r"'training' for the clip 'run/a.mp4' in column `split1`. Write one of train"):
        own(root, write(root, [("run/a.mp4", "training"), *rows[1:]]))
    with pytest.raises(InputError, match=r"may be any of run/a.mp4, wave/a.mp4"):
        own(root, write(root, [("a", "train"), *rows[1:]]))
    with pytest.raises(InputError, match=r"has the columns video, part. It needs the columns clip and part"):
        own(root, write(root, rows, ("video", "part")))
    with pytest.raises(InputError, match=r"cannot be opened .*correct `split_file`"):
        own(root, root / "nowhere.csv")
    with pytest.raises(InputError, match="has no test clip"):
        own(root, write(root, [(clip, "train") for clip, _ in rows]))


SPELLED = [
    ("HandStandPushups", "HandstandPushups"),
    ("hand stand", "hand_stand"),
    ("Walk-Dog", "walk_dog"),
    ("caf\u00e9", "cafe\u0301"),
]


@pytest.mark.parametrize(("there", "listed"), SPELLED)
@pytest.mark.parametrize("only", ["train", "test", ""])
def test_lists_that_spell_a_class_otherwise_are_told(tmp_path: Path, there: str, listed: str, only: str) -> None:
    plant(tmp_path / "clips", (f"{there}/v_x_g{group:02d}_c01.avi" for group in range(1, 7)))
    plant(tmp_path / "clips", (f"Swing/v_Swing_g{group:02d}_c01.avi" for group in range(1, 7)))
    lists = tmp_path / "ucfTrainTestlist"
    lists.mkdir()
    for name, groups in {"train": range(1, 5), "test": range(5, 7)}.items():
        label = listed if only in ("", name) else there
        lines = [f"Swing/v_Swing_g{group:02d}_c01.avi\n{label}/v_x_g{group:02d}_c01.avi\n" for group in groups]
        (lists / f"{name}list01.txt").write_text("".join(lines))
    with pytest.raises(InputError, match="A class is spelled in two ways") as raised:
        list_dataset("ucf101", tmp_path / "clips")
    assert repr(there) in str(raised.value)
    assert repr(listed) in str(raised.value)
    assert "other groups" not in str(raised.value)


def test_files_that_spell_the_class_otherwise_are_told(tmp_path: Path) -> None:
    plant(tmp_path, (f"Pushups/v_PushUps_g{group:02d}_c01.avi" for group in range(1, 7)))
    (tmp_path / "ucfTrainTestlist").mkdir()
    (tmp_path / "ucfTrainTestlist/trainlist01.txt").write_text(
        "".join(f"Pushups/v_Pushups_g{group:02d}_c01.avi 1\n" for group in range(1, 7))
    )
    with pytest.raises(InputError, match=r"'v_Pushups_g01_c01' in the split lists .* and 'v_PushUps_g01_c01' under"):
        list_dataset("ucf101", tmp_path)


def test_the_lists_of_hmdb51_tell_a_class_with_a_space(tmp_path: Path) -> None:
    names = [f"brush hair/film{n}_brush_hair_f_cm_np1_ba_med_0.avi" for n in range(4)]
    with pytest.raises(InputError, match=r"'brush_hair' in the split lists .* 'brush hair' under"):
        list_dataset("hmdb51", plant(tmp_path, names))


@pytest.mark.parametrize(("one", "other"), SPELLED)
def test_class_folders_that_are_spelled_alike_are_told(tmp_path: Path, one: str, other: str) -> None:
    plant(tmp_path, (f"{label}/{n}.mp4" for label in (one, other, "run") for n in range(6)))
    with pytest.raises(InputError, match="spells one class in two ways"):
        list_dataset("folders", tmp_path)
    assert len(list_dataset("folders", tmp_path, classes=[one, "run"]).clips) == 12


def test_a_class_of_the_config_that_is_spelled_otherwise(root: Path) -> None:
    with pytest.raises(InputError, match=r"The class 'WAVE' .* Similar classes: wave"):
        list_dataset("folders", root, classes=["WAVE"])
