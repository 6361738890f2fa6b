"""The rendered datasets: layout and names, legal files, determinism, and pairs that only time tells apart."""

import hashlib
import xml.etree.ElementTree as ElementTree
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from vibhar.datasets.rendered import render_dataset
from vibhar.datasets.rendered.catalogue import HMDB51, UCF11, UCF101
from vibhar.datasets.rendered.clip import draw_look, draw_poses, render
from vibhar.datasets.rendered.figure import Body, bend, strokes
from vibhar.datasets.rendered.layouts import NTSC, held_out, hmdb51_path
from vibhar.datasets.rendered.scene import camera_path
from vibhar.errors import InputError
from vibhar.features.pretraining import draw_flow

PAIRS = [
    (UCF11["trampoline_jumping"], UCF11["diving"]),
    (UCF11["basketball"], UCF11["volleyball_spiking"]),
    (HMDB51["sit"], HMDB51["stand"]),
    (HMDB51["throw"], HMDB51["catch"]),
    (UCF101["BaseballPitch"], UCF101["FrisbeeCatch"]),
    (UCF101["Surfing"], UCF101["SkateBoarding"]),
    (UCF101["HammerThrow"], UCF101["ThrowDiscus"]),
]
SMALL: dict[str, Any] = {"seed": 3, "groups": 3, "clips_per_group": 2, "frames": (5, 7)}


def hashes(root: Path) -> dict[str, str]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def ucf11(tmp_path_factory):
    root = tmp_path_factory.mktemp("rendered") / "ucf11"
    render_dataset("ucf11", root, classes=["basketball", "walking"], **SMALL)
    return root


@pytest.fixture(scope="module")
def hmdb51(tmp_path_factory):
    root = tmp_path_factory.mktemp("rendered") / "hmdb51"
    render_dataset("hmdb51", root, classes=["sit", "stand"], **SMALL)
    return root


@pytest.fixture(scope="module")
def ucf101(tmp_path_factory):
    root = tmp_path_factory.mktemp("rendered") / "ucf101"
    render_dataset("ucf101", root, classes=["ThrowDiscus", "Biking"], **SMALL)
    return root


def count_frames(path: Path) -> tuple[int, int]:
    with av.open(str(path)) as file:
        decoded = sum(1 for _ in file.decode(video=0))
    capture, read = cv2.VideoCapture(str(path)), 0
    while capture.read()[0]:
        read += 1
    return decoded, read


def test_ucf11_has_the_real_folders_and_names(ucf11, real_data):
    real = set((real_data / "ucf11" / "files.txt").read_text().split())
    clips = {path.relative_to(ucf11).as_posix() for path in ucf11.rglob("*.mpg")}
    assert len(clips) == 2 * 3 * 2
    assert clips <= real
    assert "walking/v_walk_dog_03/v_walk_dog_03_02.mpg" in clips


def test_ucf11_annotations_stand_beside_the_groups(ucf11):
    annotations = sorted((ucf11 / "walking" / "Annotation").iterdir())
    assert [path.name for path in annotations][:2] == ["v_walk_dog_01_01.xgtf", "v_walk_dog_01_02.xgtf"]
    assert len(annotations) == 6
    lengths = [element.get("value") for element in ElementTree.parse(annotations[0]).iterfind(".//{*}dvalue")]
    assert lengths == [str(count_frames(ucf11 / "walking/v_walk_dog_01/v_walk_dog_01_01.mpg")[0])]


def test_hmdb51_splits_have_the_official_format(hmdb51, real_data):
    official = (real_data / "hmdb51/testTrainMulti_7030_splits/sit_test_split1.txt").read_bytes()
    files = sorted((hmdb51 / "testTrainMulti_7030_splits").iterdir())
    assert [path.name for path in files] == [f"{a}_test_split{s}.txt" for a in ("sit", "stand") for s in (1, 2, 3)]
    texts = [path.read_bytes() for path in files[:3]]
    for text in [official, *texts]:
        assert all(line.endswith((b".avi 0 ", b".avi 1 ", b".avi 2 ")) for line in text.split(b"\n")[:-1])
        assert text.endswith(b" \n")
    assert len(set(texts)) == 3


@pytest.mark.parametrize("split", [1, 2, 3])
def test_hmdb51_keeps_a_source_video_on_one_side(hmdb51, split):
    lines = (hmdb51 / f"testTrainMulti_7030_splits/sit_test_split{split}.txt").read_text().splitlines()
    codes = dict(line.split() for line in lines)
    assert codes.keys() == {path.name for path in (hmdb51 / "sit").iterdir()}
    sides = {code: {name.rpartition("_sit_")[0] for name in codes if codes[name] == code} for code in "12"}
    assert sides["1"] and sides["2"] and not sides["1"] & sides["2"]


def test_hmdb51_source_videos_may_contain_their_action():
    names = [hmdb51_path("sit", group, 1).name for group in range(1, 31)]
    assert len(set(names)) == 30
    assert any(name.count("_sit_") > 1 for name in names)


def test_ucf101_lists_have_the_official_format(ucf101):
    lists = ucf101 / "ucfTrainTestlist"
    assert (lists / "classInd.txt").read_bytes() == b"1 Biking\r\n2 ThrowDiscus\r\n"
    test = (lists / "testlist02.txt").read_bytes().split(b"\r\n")
    assert test[:2] == [b"Biking/v_Biking_g02_c01.avi", b"Biking/v_Biking_g02_c02.avi"]
    train = (lists / "trainlist02.txt").read_bytes().split(b"\r\n")
    assert train[-2:] == [b"ThrowDiscus/v_ThrowDiscus_g03_c02.avi 2", b""]
    listed = {line.split()[0].decode() for line in test + train if line}
    assert listed == {path.relative_to(ucf101 / "UCF-101").as_posix() for path in ucf101.rglob("*.avi")}


@pytest.mark.parametrize("groups", [3, 4, 6, 9, 10, 25, 40])
def test_test_groups_are_disjoint_and_leave_groups_to_train(groups):
    parts = [set(held_out(split, groups)) for split in (1, 2, 3)]
    assert all(parts)
    assert len(set.union(*parts)) == sum(map(len, parts))
    assert set.union(*parts) <= set(range(1, groups + 1))


def test_test_groups_of_25_are_the_official_ones():
    assert [(part[0], part[-1]) for part in (held_out(split, 25) for split in (1, 2, 3))] == [(1, 7), (8, 14), (15, 21)]


@pytest.mark.parametrize(
    "dataset, codec, tag, rates",
    [
        ("ucf11", "mpeg1video", None, {Fraction(25), NTSC}),
        ("hmdb51", "mpeg4", "XVID", {Fraction(30)}),
        ("ucf101", "mpeg4", "XVID", {Fraction(25), NTSC}),
    ],
)
def test_clips_can_be_read_and_are_legal(dataset, codec, tag, rates, request):
    root = request.getfixturevalue(dataset)
    for path in [*root.rglob("*.mpg"), *root.rglob("*.avi")]:
        decoded, read = count_frames(path)
        assert 5 <= decoded == read <= 7
        with av.open(str(path)) as file:
            stream = file.streams.video[0]
            assert stream.codec_context.name == codec
            assert tag in (None, stream.codec_context.codec_tag)
            assert stream.average_rate in rates
            assert 160 <= stream.width <= 320 and 120 <= stream.height <= 240


def test_same_seed_gives_the_same_bytes_and_another_does_not(hmdb51, tmp_path):
    render_dataset("hmdb51", tmp_path / "again", classes=["sit", "stand"], **SMALL)
    render_dataset("hmdb51", tmp_path / "other", classes=["sit"], **SMALL | {"seed": 4})
    first, again, other = hashes(hmdb51), hashes(tmp_path / "again"), hashes(tmp_path / "other")
    assert first == again
    assert all(first[name] != digest for name, digest in other.items() if name.endswith(".avi"))


def test_a_clip_does_not_depend_on_the_others(hmdb51, tmp_path):
    render_dataset("hmdb51", tmp_path / "more", classes=["sit", "wave"], **SMALL | {"groups": 4, "clips_per_group": 3})
    first, more = hashes(hmdb51), hashes(tmp_path / "more")
    kept = [name for name in first if name.startswith("sit/")]
    assert len(kept) == 6
    assert all(first[name] == more[name] for name in kept)


@pytest.mark.parametrize("forwards, backwards", PAIRS)
def test_a_pair_shows_the_same_poses_in_opposite_order(forwards, backwards):
    there, back = (draw_poses(motion, Body(), 12, np.random.default_rng(5)) for motion in (forwards, backwards))
    drawn = [[strokes(pose, Body()) for pose in poses] for poses in (there, back)]
    assert drawn[0] == drawn[1][::-1]
    assert drawn[0] != drawn[1]
    assert forwards._replace(backwards=True) == backwards


@pytest.mark.parametrize("name", UCF11 | HMDB51 | UCF101)
def test_a_clip_shows_a_moving_figure_of_the_size_asked_for(name):
    motion, look = (UCF11 | HMDB51 | UCF101)[name], draw_look(np.random.default_rng(2))
    first, *_, last = render(motion, look, (208, 160), 9, np.random.default_rng(3))
    assert first.shape == last.shape == (160, 208, 3)
    assert first.dtype == np.uint8
    poses = draw_poses(motion, look.body, 9, np.random.default_rng(3))
    heights = [np.ptp([point.imag for stroke in strokes(pose, look.body) for point in stroke.points]) for pose in poses]
    tall = motion.box[3] - motion.box[2]
    assert 0.3 * tall < min(heights) < max(heights) < 1.2 * tall


def test_the_camera_favours_no_direction():
    ends = [camera_path(np.random.default_rng(seed), 9, (320, 240), 0.5) for seed in range(400)]
    change = np.array([path[-1] - path[0] for path in ends])[:, :2]
    spread = change.std(0) / np.sqrt(len(ends))
    assert (np.abs(change.mean(0)) < 4 * spread).all()


@pytest.mark.parametrize("end", [0.1 + 0.1j, -0.3j, 0.47, 2 + 2j])
def test_limbs_keep_their_length(end):
    joint, tip = bend(0j, end, 0.24, 1)
    assert abs(joint) == pytest.approx(0.24)
    assert abs(tip - joint) == pytest.approx(0.24)
    assert tip == pytest.approx(end) or abs(end) > 0.48


@pytest.mark.parametrize(
    "layout, change",
    [
        ("kinetics", {}),
        ("ucf101", {"classes": ["Sleeping"]}),
        ("ucf101", {"classes": []}),
        ("ucf101", {"groups": 2}),
        ("ucf11", {"clips_per_group": 0}),
        ("ucf11", {"frames": (9, 8)}),
    ],
)
def test_impossible_wishes_are_refused(layout, change, tmp_path):
    with pytest.raises(InputError):
        render_dataset(layout, tmp_path / "x", **SMALL | change)
    assert not any(tmp_path.iterdir())


def test_a_folder_that_holds_something_is_not_overwritten(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="not an empty folder"):
        render_dataset("ucf11", tmp_path, **SMALL)


def test_the_flow_that_a_cnn_learns_from_shows_how_the_landmarks_move() -> None:
    flow = {"backend": "opencv", "short_side": 48, "bound": 4.0, "parameters": {"warps": 2}}
    agreement = []
    for clip in range(6):
        pictures, motion, actions = draw_flow((0, clip), flow=flow)
        assert (pictures.shape, motion.shape, len(set(actions))) == ((4, 72, 72, 3), (4, 5, 2), 1)
        u = pictures[..., 0].astype(float) - 127.5
        agreement += [
            (u[i].flat[abs(u[i]).argmax()] * motion[i, abs(motion[i, :, 0]).argmax(), 0]) > 0 for i in range(4)
        ]
    assert np.mean(agreement) > 0.6
