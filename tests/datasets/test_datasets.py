"""Listings of trees of empty files: the real UCF11, HMDB51 and UCF101, class folders, and what can be wrong."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from vibhar.datasets import Listing, list_dataset
from vibhar.datasets import hmdb51 as hmdb51_clips
from vibhar.datasets.rendered.layouts import LAYOUTS, Clip
from vibhar.datasets.walking import Tree
from vibhar.errors import InputError

PEOPLE = ("ann", "bob", "cleo", "dan", "eve")


def plant(root: Path, paths: Iterable[str]) -> Path:
    """Empty files under `root`: names of one file, which many file systems make far faster than files."""
    root.mkdir(parents=True, exist_ok=True)
    seed = root / ".empty"
    seed.touch()
    for path in map(root.joinpath, paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        os.link(seed, path)
    return root


def groups_in(clips: pd.DataFrame, split: str, part: str) -> set[str]:
    return set(clips["group"][clips[split] == part])


def splits_of(clips: pd.DataFrame) -> list[str]:
    return [column for column in map(str, clips.columns) if column[-1].isdigit()]


@pytest.fixture(scope="module")
def ucf11(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    paths = (real_data / "ucf11" / "files.txt").read_text().split()
    annotations = ["biking/Annotation/v_biking_01_01.xgtf", "biking/Annotation/v_biking_01/v_biking_01_01.mpg"]
    return list_dataset("ucf11", plant(tmp_path_factory.mktemp("ucf11"), paths + annotations)).clips


@pytest.fixture(scope="module")
def hmdb51(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Listing:
    lists = real_data / "hmdb51" / "testTrainMulti_7030_splits"
    names = {
        f"{path.name.removesuffix('_test_split1.txt')}/{line.split()[0]}"
        for path in lists.glob("*_test_split1.txt")
        for line in path.read_text().splitlines()
    }
    return list_dataset("hmdb51", plant(tmp_path_factory.mktemp("hmdb51"), names), splits_root=lists)


@pytest.fixture(scope="module")
def ucf101_paths(real_data: Path) -> list[str]:
    lists = real_data / "ucf101" / "ucfTrainTestlist"
    return [line.split()[0] for path in lists.glob("t*list01.txt") for line in path.read_text().splitlines()]


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return plant(tmp_path / "people", (f"{action}/{who}_{action}.AVI" for action in ("run", "wave") for who in PEOPLE))


def test_ucf11_has_its_1600_clips_in_11_classes_of_25_groups(ucf11: pd.DataFrame) -> None:
    assert len(ucf11) == 1600
    assert ucf11["clip"].is_unique
    assert ucf11.groupby("label")["group"].nunique().to_dict() == dict.fromkeys(sorted(ucf11["label"].unique()), 25)
    assert ucf11["label"].nunique() == 11
    dog = ucf11.set_index("path").loc["walking/v_walk_dog_07/v_walk_dog_07_02.mpg"]
    assert (dog["clip"], dog["label"], dog["group"]) == (
        "walking/v_walk_dog_07/v_walk_dog_07_02",
        "walking",
        "walking/07",
    )


def test_ucf11_tests_five_group_numbers_of_all_classes_at_once(ucf11: pd.DataFrame) -> None:
    assert splits_of(ucf11) == [f"{kind}{fold}" for kind in ("group", "clip") for fold in range(1, 6)]
    for fold in range(1, 6):
        tested = ucf11[ucf11[f"group{fold}"] == "test"].groupby("label")["group"].unique()
        numbers = {tuple(group.removeprefix(f"{label}/") for group in groups) for label, groups in tested.items()}
        assert len(numbers) == 1
        assert len(numbers.pop()) == 5


def test_ucf11_tests_the_same_numbers_where_a_class_lacks_a_group(tmp_path: Path) -> None:
    numbers = {"diving": range(1, 11), "swing": [*range(1, 3), *range(4, 11)]}
    names = [f"{label}/v_{label}_{n:02d}/v_{label}_{n:02d}_01.mpg" for label in numbers for n in numbers[label]]
    clips = list_dataset("ucf11", plant(tmp_path, names)).clips
    for fold in range(1, 6):
        diving, swing = (
            {g[-2:] for g in groups_in(clips[clips["label"] == label], f"group{fold}", "test")} for label in numbers
        )
        assert swing == diving - {"03"}


def test_ucf11_parts_share_no_group_but_for_the_clip_level_folds(ucf11: pd.DataFrame) -> None:
    for split in splits_of(ucf11):
        train, validation, test = (groups_in(ucf11, split, part) for part in ("train", "validation", "test"))
        leaks = bool(train & test)
        assert leaks == split.startswith("clip")
        assert leaks or not (train | test) & validation
    assert ((ucf11.filter(regex="^clip[0-9]") == "test").sum(axis=1) == 1).all()


def test_hmdb51_has_its_6766_clips_70_and_30_of_each_class(hmdb51: Listing) -> None:
    assert len(hmdb51.clips) == 6766
    assert splits_of(hmdb51.clips) == ["split1", "split2", "split3"]
    assert (hmdb51.missing, hmdb51.unlisted) == ([], [])
    for split in splits_of(hmdb51.clips):
        counts = pd.crosstab(hmdb51.clips["label"], hmdb51.clips[split])
        assert set(counts["test"]) == {30}
        assert set(counts["train"] + counts["validation"]) == {70}
        assert counts["validation"].between(12, 27).all()


def test_hmdb51_official_splits_part_the_sources_within_an_action_only(hmdb51: Listing) -> None:
    assert hmdb51.clips["group"].nunique() == 1407
    for split in splits_of(hmdb51.clips):
        used = hmdb51.clips[hmdb51.clips[split] != "unused"]
        sides = used.assign(side=used[split] == "test")
        assert (sides.groupby(["label", "group"])["side"].nunique() == 1).all()
        leaked = used[used[split] == "test"]["group"].isin(
            groups_in(used, split, "train") | groups_in(used, split, "validation")
        )
        assert 450 < leaked.sum() < 530
        assert not groups_in(used, split, "validation") & groups_in(used, split, "train")


def test_a_source_of_hmdb51_may_have_the_action_in_its_name(hmdb51: Listing) -> None:
    groups = hmdb51.clips.set_index("clip")["group"]
    assert groups["climb/rope_climb_Olivia_Age_4_climb_f_cm_np1_ba_med_1"] == "rope_climb_Olivia_Age_4"


def test_ucf101_lists_match_all_13320_clips(
    ucf101_paths: list[str], real_data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("vibhar.datasets.surveying.walk", lambda root: Tree(sorted(ucf101_paths), {}))
    listing = list_dataset("ucf101", tmp_path, splits_root=real_data / "ucf101" / "ucfTrainTestlist")
    assert (len(listing.clips), listing.missing, listing.unlisted) == (13320, [], [])
    assert listing.clips["group"].nunique() == 101 * 25
    assert [(listing.clips[split] == "test").sum() for split in splits_of(listing.clips)] == [3783, 3734, 3696]
    assert set(listing.clips["group"][listing.clips["label"] == "HandstandPushups"]) == {
        f"HandstandPushups/g{number:02d}" for number in range(1, 26)
    }


def test_ucf101_root_may_be_the_folder_around_the_clips_or_the_clips(
    ucf101_paths: list[str], real_data: Path, tmp_path: Path
) -> None:
    pushups = [path for path in ucf101_paths if "ushups" in path.lower()]
    plant(tmp_path / "UCF-101", pushups)
    (tmp_path / "ucfTrainTestlist").symlink_to(real_data / "ucf101" / "ucfTrainTestlist")
    around, inside = (list_dataset("ucf101", root) for root in (tmp_path, tmp_path / "UCF-101"))
    assert set(around.clips["label"]) == {"HandstandPushups", "PushUps", "WallPushups"}
    assert len(around.missing) == 13320 - len(pushups)
    assert inside.missing == around.missing
    pd.testing.assert_frame_equal(around.clips.drop(columns="path"), inside.clips.drop(columns="path"))
    assert ("UCF-101/" + inside.clips["path"]).equals(around.clips["path"])


def test_missing_and_unlisted_count_within_the_chosen_classes(
    ucf101_paths: list[str], real_data: Path, tmp_path: Path
) -> None:
    archery = [path for path in ucf101_paths if path.startswith("Archery/")]
    extra = ["Archery/v_Archery_g26_c01.avi", "Bowling/v_Bowling_g26_c01.avi"]
    plant(tmp_path, [*archery[1:], *extra])
    lists = real_data / "ucf101" / "ucfTrainTestlist"
    listing = list_dataset("ucf101", tmp_path, classes=["Archery"], splits_root=lists)
    assert listing.missing == [archery[0].removesuffix(".avi")]
    assert listing.unlisted == ["Archery/v_Archery_g26_c01"]
    assert set(listing.clips.set_index("clip").loc["Archery/v_Archery_g26_c01", ["split1", "split2"]]) == {"unused"}


def test_weizmann_leaves_one_person_out(real_data: Path) -> None:
    clips = list_dataset("folders", real_data / "weizmann", group_pattern="/([a-z]+)_", folds=9).clips
    assert len(clips) == 90
    people = [groups_in(clips, f"group{fold}", "test") for fold in range(1, 10)]
    assert sorted(map(len, people)) == [1] * 9
    assert len(set.union(*people)) == 9
    assert (clips.groupby("group1")["label"].nunique() == 10).all()


def test_real_ucf101_clips_stand_in_the_official_splits(real_data: Path) -> None:
    listing = list_dataset("ucf101", real_data / "ucf101")
    assert (len(listing.clips), len(listing.missing), listing.unlisted) == (300, 13020, [])
    assert [(listing.clips[split] == "test").sum() for split in splits_of(listing.clips)] == [84, 84, 84]


def test_ucf101_needs_no_lists(tmp_path: Path) -> None:
    plant(tmp_path, (f"A/v_A_g{group:02d}_c01.avi" for group in (1, 7, 8, 14, 15, 21, 22, 25, 26)))
    listing = list_dataset("ucf101", tmp_path)
    for split, numbers in {"split1": {"01", "07"}, "split2": {"08", "14"}, "split3": {"15", "21"}}.items():
        assert groups_in(listing.clips, split, "test") == {f"A/g{number}" for number in numbers}
    assert (listing.missing, listing.unlisted) == ([], ["A/v_A_g26_c01"])
    assert listing.lists == "the official rule: split k tests groups 7k-6 to 7k of 25"


def test_hmdb51_needs_no_lists(tmp_path: Path) -> None:
    names = [name for name in hmdb51_clips.own_lists(pd.DataFrame())["split1"] if name.startswith("wave/")]
    plant(tmp_path, [f"{name}.avi" for name in names[1:]])
    listing = list_dataset("hmdb51", tmp_path, classes=["wave"])
    assert (listing.missing, listing.unlisted) == ([names[0]], [])
    assert (listing.clips["split1"] == "test").sum() in (29, 30)
    assert listing.lists == "the official lists, as the package holds them"


def test_lists_on_disk_come_before_those_of_the_package(tmp_path: Path) -> None:
    plant(tmp_path, (f"A/v_A_g{group:02d}_c01.avi" for group in (1, 2, 3)))
    (tmp_path / "ucfTrainTestlist").mkdir()
    (tmp_path / "ucfTrainTestlist" / "trainlist01.txt").write_text("A/v_A_g01_c01.avi 1\nA/v_A_g02_c01.avi 1\n")
    (tmp_path / "ucfTrainTestlist" / "testlist01.txt").write_text("A/v_A_g03_c01.avi\n")
    listing = list_dataset("ucf101", tmp_path)
    assert groups_in(listing.clips, "split1", "test") == {"A/g03"}
    assert listing.lists == str(tmp_path / "ucfTrainTestlist")


@pytest.mark.parametrize("kind", ["ucf11", "hmdb51", "ucf101"])
def test_the_rendered_layouts_are_read_as_the_real_ones(kind: str, tmp_path: Path) -> None:
    layout = LAYOUTS[kind]
    numbers = [(action, group, number) for action in layout.classes for group in range(1, 6) for number in (1, 2)]
    clips = [Clip(*where, layout.path(*where), 24) for where in numbers]
    plant(tmp_path, (clip.path.as_posix() for clip in clips))
    layout.write_lists(tmp_path, clips, 5)
    listing = list_dataset(kind, tmp_path)
    assert (len(listing.clips), listing.missing, listing.unlisted) == (len(clips), [], [])
    assert set(listing.clips["path"]) == {clip.path.as_posix() for clip in clips}
    assert set(listing.clips["label"]) == set(layout.classes)


def test_folders_take_any_video_at_any_depth_and_nothing_else(tmp_path: Path) -> None:
    videos = [
        f"{action}/{day}/{n}.{suffix}"
        for action in "ab"
        for day in "xy"
        for n, suffix in enumerate(("mp4", "MOV", "webm"))
    ]
    plant(tmp_path, [*videos, "stray.mp4", "a/notes.txt", "a/._0.mp4", ".cache/a/0.mp4"])
    clips = list_dataset("folders", tmp_path).clips
    assert list(clips["path"]) == sorted(videos)
    assert list(clips["group"]) == sorted(videos)
    assert set(clips["label"]) == {"a", "b"}


def test_folders_without_groups_test_every_class_in_every_fold(tmp_path: Path) -> None:
    clips = list_dataset(
        "folders", plant(tmp_path, (f"{action}/{n}.mp4" for action in "abcdef" for n in range(10)))
    ).clips
    for split in splits_of(clips):
        assert set(clips["label"][clips[split] == "test"]) == set("abcdef")


def test_linked_class_folders_are_followed(people: Path, tmp_path: Path) -> None:
    (tmp_path / "subset").mkdir()
    (tmp_path / "subset" / "run").symlink_to(people / "run")
    assert len(list_dataset("folders", tmp_path / "subset").clips) == len(PEOPLE)


def scandir_turned(scandir: Callable) -> Callable:
    """os.scandir in the order of the last to the first."""

    @contextmanager
    def turned(path: str) -> Iterator[list]:
        with scandir(path) as entries:
            yield [*entries][::-1]

    return turned


def test_the_listing_does_not_depend_on_the_order_of_the_directory(
    people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = list_dataset("folders", people, group_pattern="/([a-z]+)_").clips
    turned = scandir_turned(os.scandir)
    monkeypatch.setattr("os.scandir", turned)
    pd.testing.assert_frame_equal(list_dataset("folders", people, group_pattern="/([a-z]+)_").clips, expected)


def lacks_root(root: Path) -> Listing:
    return list_dataset("folders", root / "nowhere")


def lacks_clips(root: Path) -> Listing:
    return list_dataset("ucf11", root)


def has_empty_lists_folder(root: Path) -> Listing:
    (root / "lists").mkdir()
    plant(root / "clips", ["A/v_A_g01_c01.avi"])
    return list_dataset("ucf101", root / "clips", splits_root=root / "lists")


def has_foreign_lists(root: Path) -> Listing:
    plant(root / "clips", ["A/v_A_g01_c01.avi"])
    (root / "ucfTrainTestlist").mkdir()
    (root / "ucfTrainTestlist" / "trainlist01.txt").write_text("B/v_B_g01_c01.avi 1\r\n")
    return list_dataset("ucf101", root / "clips")


def has_leaking_lists(root: Path) -> Listing:
    names = [f"A/v_A_g{group:02d}_c{clip:02d}.avi" for group in (1, 2, 3) for clip in (1, 2)]
    plant(root / "clips", names)
    (root / "ucfTrainTestlist").mkdir()
    (root / "ucfTrainTestlist" / "trainlist01.txt").write_text("".join(f"{name} 1\n" for name in names[1:]))
    (root / "ucfTrainTestlist" / "testlist01.txt").write_text(names[0])
    return list_dataset("ucf101", root / "clips")


def has_a_bad_line(root: Path) -> Listing:
    plant(root / "clips", ["run/x_run_f.avi"])
    (root / "testTrainMulti_7030_splits").mkdir()
    (root / "testTrainMulti_7030_splits" / "run_test_split1.txt").write_text("x_run_f.avi 3 \n")
    return list_dataset("hmdb51", root / "clips")


MISTAKES: dict[Callable[[Path], Listing], str] = {
    lacks_root: "nowhere does not exist",
    lacks_clips: r"has files <class>/v_<name>_GG/v_<name>_GG_CC\.mpg",
    has_empty_lists_folder: "not found at .*lists. Unpack them there, or leave `splits_root` out",
    has_foreign_lists: r"they name 'B/v_B_g01_c01', the disk holds 'A/v_A_g01_c01\.avi'",
    has_leaking_lists: "split1 the group 'A/g01' stands on more than one side",
    has_a_bad_line: r"The line 'x_run_f\.avi 3 ' of .*run_test_split1\.txt",
}


@pytest.mark.parametrize(("mistake", "message"), MISTAKES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_mistakes_on_disk_are_named(mistake: Callable[[Path], Listing], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        mistake(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "kinetics"}, "no dataset kind 'kinetics'. The kinds are ucf11, hmdb51"),
        ({"classes": ["runn"]}, "The class 'runn' .* Similar classes: run"),
        ({"group_pattern": "/([a-z]+_"}, "is not a regular expression"),
        ({"group_pattern": "/[a-z]+_"}, "has 0 groups in parentheses"),
        ({"group_pattern": "/([a-d][a-z]+)_"}, "does not match the path 'run/eve_run.AVI'"),
        ({"group_pattern": "/([a-z]+)_", "folds": 6}, "have groups for 5 of 6 folds"),
        ({"group_pattern": "([a-z]+)/", "folds": 2}, "have groups for 1 of 2 folds"),
        ({"group_pattern": "(run|wave/[a-e])", "folds": 2}, "In split group1 the class 'run' has no training clip"),
    ],
)
def test_mistakes_in_the_config_are_named(people: Path, arguments: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        list_dataset(**{"kind": "folders", "root": people, **arguments})
