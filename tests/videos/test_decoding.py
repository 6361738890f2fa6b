"""Frames read from every kind of clip that PyAV can write, held against a plain sequential decode."""

import os
import struct
from contextlib import suppress
from pathlib import Path

import av
import numpy as np
import pytest

from tests.videos.clips import decode_sequentially, numbers, patch, write_clip
from vibhar.videos.decoding import UnreadableClip, read_frames

# The file's suffix, ffmpeg's container, codec and pixel format; those that can reorder frames are tried both ways.
ORDERED = [
    *[("avi", "avi", codec, "yuv420p") for codec in ("msmpeg4", "wmv2", "flv", "ffv1", "libvpx-vp9")],
    ("avi", "avi", "mjpeg", "yuvj420p"),
    ("avi", "avi", "rawvideo", "yuv420p"),
    ("mp4", "mp4", "libvpx-vp9", "yuv420p"),
    ("mov", "mov", "mjpeg", "yuvj420p"),
    ("webm", "webm", "libvpx", "yuv420p"),
    ("webm", "webm", "libvpx-vp9", "yuv420p"),
    ("mkv", "matroska", "ffv1", "yuv420p"),
    ("mkv", "matroska", "libsvtav1", "yuv420p"),
    ("ogv", "ogg", "libvpx", "yuv420p"),
    ("flv", "flv", "flv", "yuv420p"),
    ("wmv", "asf", "wmv2", "yuv420p"),
    ("wmv", "asf", "msmpeg4", "yuv420p"),
    ("ivf", "ivf", "libvpx", "yuv420p"),
    ("swf", "swf", "flv", "yuv420p"),
    ("gif", "gif", "gif", "rgb8"),
    ("apng", "apng", "apng", "rgb24"),
    ("y4m", "yuv4mpegpipe", "rawvideo", "yuv420p"),
]
REORDERED = [
    *[("avi", "avi", codec, "yuv420p") for codec in ("mpeg4", "libx264", "mpeg1video", "mpeg2video")],
    *[("mp4", "mp4", codec, "yuv420p") for codec in ("mpeg4", "libx264")],
    *[("mov", "mov", codec, "yuv420p") for codec in ("mpeg4", "libx264", "libx265")],
    *[("mkv", "matroska", codec, "yuv420p") for codec in ("mpeg4", "libx264", "libx265", "mpeg2video")],
    *[("mpg", "mpeg", codec, "yuv420p") for codec in ("mpeg1video", "mpeg2video", "mpeg4", "libx264")],
    *[("vob", "vob", codec, "yuv420p") for codec in ("mpeg1video", "mpeg2video")],
    *[("ts", "mpegts", codec, "yuv420p") for codec in ("mpeg2video", "mpeg4", "libx264", "libx265")],
    ("flv", "flv", "libx264", "yuv420p"),
    ("3gp", "3gp", "libx264", "yuv420p"),
    ("mxf", "mxf", "mpeg2video", "yuv420p"),
    ("nut", "nut", "mpeg4", "yuv420p"),
    ("wtv", "wtv", "mpeg2video", "yuv420p"),
    ("m1v", "mpeg1video", "mpeg1video", "yuv420p"),
    ("m2v", "mpeg2video", "mpeg2video", "yuv420p"),
    ("m4v", "m4v", "mpeg4", "yuv420p"),
    ("h264", "h264", "libx264", "yuv420p"),
]
FAST_START = {"movflags": "faststart"}  # the header of an MP4 first, so that a cut file still has it
SCATTERED = [0, 5, 13, 20, 21, 39]  # what `scattered` takes of 40 frames
KINDS = [(*kind, 0) for kind in ORDERED + REORDERED] + [(*kind, 2) for kind in REORDERED]


def every(length: int) -> np.ndarray:
    return np.arange(length)


def scattered(length: int) -> np.ndarray:
    """Two rows with repeats, far apart and not in order, the last frame among them."""
    return np.array([[0, length // 3, length // 2, length - 1], [length - 1, length // 3, 5, 21]]) % length


def check_exact(path: Path, tolerance: int = 0) -> str:
    """Hold the frames that are read against the sequential decode; returns the reader that was used."""
    truth = decode_sequentially(path)
    for choose in (every, scattered, lambda length: np.array([length - 1])):
        sampled, facts = read_frames(path, choose)
        assert facts.frames == len(truth)
        assert (facts.height, facts.width) == truth.shape[1:3]
        difference = sampled.pixels[sampled.order].astype(int) - truth[choose(len(truth))]
        assert np.abs(difference).max() <= tolerance
    return facts.reader


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind[0]}-{kind[2]}-{kind[4]}")
def test_every_container_gives_the_frames_of_a_sequential_decode(tmp_path, kind):
    suffix, container, codec, pixels, b_frames = kind
    path = write_clip(tmp_path / f"clip.{suffix}", container, codec, pixels=pixels, b_frames=b_frames)
    reader = check_exact(path, tolerance=2)  # decord's MPEG-4 decoder is an older one, which rounds otherwise
    assert reader == ("decord" if (suffix, codec, b_frames) == ("avi", "mpeg4", 0) else "pyav")
    sampled, _ = read_frames(path, scattered)
    assert numbers(sampled.pixels) == SCATTERED


@pytest.mark.parametrize("b_frames", [0, 2])
@pytest.mark.parametrize(
    ("container", "codec"),
    [("avi", "mpeg4"), ("mp4", "libx264"), ("matroska", "libx264"), ("mpegts", "libx264"), ("flv", "libx264")],
)
@pytest.mark.parametrize(
    "options",
    [
        {"time": lambda i: 2 * i + i // 7 * 5},
        {"time": lambda i: i + 100},
        {"gop": 300},
        {"frames": 1},
        {"encoder": {"x264-params": "open-gop=1"}},
    ],
    ids=["variable rate", "late start", "one key frame", "one frame", "open groups"],
)
def test_times_and_key_frames_change_nothing(tmp_path, container, codec, b_frames, options):
    check_exact(write_clip(tmp_path / "clip", container, codec, b_frames=b_frames, **options), tolerance=2)


@pytest.mark.parametrize(
    ("container", "codec", "pixels"),
    [("avi", "mjpeg", "yuvj444p"), ("mp4", "libx264", "yuv444p"), ("matroska", "ffv1", "yuv420p")],
)
def test_odd_sizes(tmp_path, container, codec, pixels):
    check_exact(write_clip(tmp_path / "clip", container, codec, pixels=pixels, size=(67, 51)))


def test_a_fragmented_clip(tmp_path):
    check_exact(write_clip(tmp_path / "clip", "mp4", "libx264", muxer={"movflags": "frag_keyframe+empty_moov"}))


def test_an_edit_list_that_skips_frames_is_no_truncation(tmp_path):
    path = write_clip(tmp_path / "clip", "mp4", "libx264")
    patch(path, b"elst", 4 + 4 + 4 + 4, struct.pack(">i", 15 * 512))  # where the only edit starts
    sampled, facts = read_frames(path, every)
    assert numbers(sampled.pixels) == list(range(15, 40))
    assert facts.frames == 25


@pytest.mark.parametrize("flagged", [range(0, 40, 5), range(40), []], ids=["false", "all", "none"])
def test_a_false_table_of_key_frames(tmp_path, flagged):
    path = write_clip(tmp_path / "clip.avi")
    flags = {entry: struct.pack("<I", 16 if entry in flagged else 0) for entry in range(40)}
    for entry, value in flags.items():
        patch(path, b"idx1", 8 + 16 * entry + 4, value)
    assert check_exact(path) == "pyav"


def test_frames_that_change_size_are_scaled_to_the_first(tmp_path):
    small = write_clip(tmp_path / "small", "mjpeg", "mjpeg", pixels="yuvj420p")
    large = write_clip(tmp_path / "large", "mjpeg", "mjpeg", pixels="yuvj420p", size=(256, 192))
    path = tmp_path / "both"
    path.write_bytes(small.read_bytes() + large.read_bytes())
    sampled, facts = read_frames(path, every)
    assert sampled.pixels.shape == (80, 96, 128, 3)
    assert (facts.width, facts.height) == (128, 96)
    assert numbers(sampled.pixels) == [*range(40), *range(40)]


@pytest.mark.parametrize("width", [16, 24, 48, 72, 126, 128, 180])
def test_decord_is_left_aside_where_the_picture_is_too_narrow_for_it(tmp_path, width):
    assert check_exact(write_clip(tmp_path / "clip.avi", size=(width, 48)), 2) == ("decord" if width > 127 else "pyav")


def test_rotated_clips_are_read_as_displayed(tmp_path):
    path = write_clip(tmp_path / "clip", "mp4", "libx264", size=(64, 32))
    stored = decode_sequentially(path)
    clockwise = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)  # right becomes down, down left
    patch(path, b"tkhd", 4 + 4 + 36, clockwise)
    sampled, facts = read_frames(path, every)
    assert (facts.width, facts.height) == (32, 64)
    np.testing.assert_array_equal(sampled.pixels, np.rot90(stored, k=-1, axes=(1, 2)))


def test_the_facts_of_a_clip(tmp_path):
    _, facts = read_frames(write_clip(tmp_path / "named.mkv", size=(144, 160)), every)
    assert facts[:-1] == (40, 25.0, 144, 160, "avi", "decord")


def test_positions_may_have_any_shape(tmp_path):
    path = write_clip(tmp_path / "clip.avi")
    pairs = np.array([[[3, 4], [30, 31]], [[4, 5], [39, 39]]])  # frames with those that follow, for optical flow
    sampled, _ = read_frames(path, lambda length: pairs)
    assert sampled.order.shape == pairs.shape
    assert numbers(sampled.pixels) == [3, 4, 5, 30, 31, 39]
    assert numbers(sampled.pixels[sampled.order].reshape(8, 96, 128, 3)) == pairs.ravel().tolist()


@pytest.mark.parametrize("position", [-1, 40])
def test_positions_outside_the_clip_are_refused(tmp_path, position):
    with pytest.raises(IndexError, match="has 40"):
        read_frames(write_clip(tmp_path / "clip.avi"), lambda length: np.array([0, position]))


@pytest.mark.parametrize(
    "name",
    ["a b.avi", 'it\'s "so".avi', "new\nline.avi", "ünïcödé 動画.avi", "clip:1.avi", "%03d.avi", "-i.avi", "[1]*?"],
)
@pytest.mark.parametrize("b_frames", [0, 2], ids=["decord", "pyav"])
def test_file_names_are_only_names(tmp_path, monkeypatch, name, b_frames):
    write_clip(tmp_path / name, b_frames=b_frames)
    monkeypatch.chdir(tmp_path)
    assert numbers(read_frames(Path(name), scattered)[0].pixels) == SCATTERED


def test_the_real_ucf11_clip(real_data):
    path = real_data / "ucf11/UCF11_updated_mpg/biking/v_biking_01/v_biking_01_01.mpg"
    assert check_exact(path) == "pyav"


@pytest.mark.parametrize(
    ("clip", "reader"),
    [
        ("ucf101/UCF-101/PushUps/v_PushUps_g01_c01.avi", "decord"),
        ("ucf101/UCF-101/Archery/v_Archery_g15_c01.avi", "pyav"),  # B-frames: decord misplaces the last frame
        ("ucf101/UCF-101/Basketball/v_Basketball_g13_c04.avi", "pyav"),  # seven frames left out: decord counts them
        ("weizmann/walk/daria_walk.avi", "decord"),
    ],
)
def test_real_avi_clips(real_data, clip, reader):
    assert check_exact(real_data / clip, tolerance=2) == reader


def reason(path: Path) -> str:
    with pytest.raises(UnreadableClip) as caught:
        read_frames(path, every)
    return str(caught.value)


def write_sound(path: Path) -> Path:
    with av.open(str(path), "w", format="wav") as file:
        stream = file.add_stream("pcm_s16le", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        sound.sample_rate = 8000
        file.mux(stream.encode(sound))
    return path


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "the file is empty"),
        (b"no video at all\n" * 200, "Invalid data"),
        (b"RIFF\x64\x00\x00\x00AVI ", "Invalid data"),
        (bytes(5000), "Invalid data"),
        (b"ffconcat version 1.0\nfile /etc/hostname\n", "Operation not permitted"),
    ],
    ids=["empty", "text", "header only", "zeros", "playlist"],
)
def test_what_is_no_video_is_unreadable(tmp_path, data, expected):
    path = tmp_path / "clip.avi"
    path.write_bytes(data)
    assert expected in reason(path)


def test_what_is_no_file_is_unreadable(tmp_path):
    assert reason(tmp_path / "missing.avi") == "No such file or directory"
    assert reason(tmp_path) == "not a regular file"
    os.mkfifo(tmp_path / "pipe.avi")
    assert reason(tmp_path / "pipe.avi") == "not a regular file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_forbidden_file_is_unreadable(tmp_path):
    path = write_clip(tmp_path / "clip.avi")
    path.chmod(0)
    assert reason(path) == "Permission denied"


def test_a_clip_without_a_video_stream(tmp_path):
    assert reason(write_sound(tmp_path / "clip.avi")) == "no video stream"


def test_a_codec_without_a_decoder(tmp_path):
    path = write_clip(tmp_path / "clip.avi")
    path.write_bytes(path.read_bytes().replace(b"FMP4", b"ZZZZ"))
    assert reason(path) == "no decoder for its codec"


def cut(path: Path, share: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    return path


@pytest.mark.parametrize(("container", "codec"), [("avi", "mpeg4"), ("mp4", "libx264")])
def test_a_clip_cut_in_half_is_unreadable(tmp_path, container, codec):
    path = write_clip(tmp_path / "clip", container, codec, muxer=FAST_START)
    count, _, whole = reason(cut(path, 0.6)).removeprefix("decodes ").partition(" of ")
    assert 0 < int(count) < 36
    assert whole == "40 frames"


def test_a_clip_that_lost_its_last_frames_is_read(tmp_path):
    path = cut(write_clip(tmp_path / "clip", "mp4", "libx264", muxer=FAST_START), 0.97)
    sampled, facts = read_frames(path, every)
    assert 36 <= facts.frames < 40
    assert numbers(sampled.pixels) == list(range(facts.frames))


@pytest.mark.parametrize(("container", "codec"), [("mpeg", "mpeg1video"), ("webm", "libvpx")])
def test_a_cut_clip_whose_container_counts_nothing_is_read_as_far_as_it_goes(tmp_path, container, codec):
    path = cut(write_clip(tmp_path / "clip", container, codec), 0.6)
    sampled, facts = read_frames(path, every)
    assert 0 < facts.frames < 40
    assert numbers(sampled.pixels) == list(range(facts.frames))


@pytest.mark.parametrize(("claimed", "readable"), [(1000, False), (45, False), (44, True), (10, True), (0, True)])
def test_a_header_that_lies_about_the_length(tmp_path, claimed, readable):
    path = patch(write_clip(tmp_path / "clip.avi"), b"strh", 4 + 4 + 32, struct.pack("<I", claimed))
    if readable:
        assert check_exact(path) == "pyav"
    else:
        assert reason(path) == f"decodes 40 of {claimed} frames"


def test_a_clip_of_which_nothing_decodes(tmp_path):
    path = write_clip(tmp_path / "clip.avi")
    data = path.read_bytes()
    start = data.index(b"movi") + 4
    path.write_bytes(data[:start] + np.random.default_rng(0).bytes(len(data) - start))
    assert reason(path) == "decodes 0 of 40 frames"


@pytest.mark.parametrize("share", [0.3, 0.97])
def test_damage_prints_nothing(tmp_path, capfd, share):
    path = cut(write_clip(tmp_path / "clip", "mp4", "libx264", muxer=FAST_START), share)
    with suppress(UnreadableClip):
        read_frames(path, every)
    assert capfd.readouterr() == ("", "")


def test_latin_titles_do_no_harm(tmp_path):
    path = write_clip(tmp_path / "clip.avi")
    data = path.read_bytes()
    title = b"LIST" + struct.pack("<I", 4 + 8 + 6) + b"INFOINAM" + struct.pack("<I", 6) + "Fußes\0".encode("latin-1")
    start = data.index(b"LIST", data.index(b"strf"))
    path.write_bytes(data[:start] + title + data[start:])
    assert numbers(read_frames(path, scattered)[0].pixels) == SCATTERED
