"""What the programs of a bundle do with videos, machines and interrupted runs, beside what the host does."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
import torch

from tests.edge.models import make_bundle, make_classifier
from tests.edge.programs import load
from tests.videos.clips import numbers, write_clip
from vibhar.edge.bundle import write_manifest
from vibhar.edge.cnn_file import write_cnn
from vibhar.features.cnn import build_trunk, preprocessing
from vibhar.videos.decoding import read_frames
from vibhar.videos.sampling import STRATEGIES, sample_indices

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


frames, machine = load("frames"), load("machine")


@pytest.mark.parametrize(("container", "codec"), [("avi", "mpeg4"), ("mpeg", "mpeg1video"), ("mp4", "libx264")])
def test_a_device_takes_the_frames_that_the_host_takes(tmp_path: Path, container: str, codec: str) -> None:
    path = write_clip(tmp_path / "it's a clip; 50%", container, codec, frames=37)
    taken = frames.sample_frames(path, {"strategy": "segment", "frames": 8}, FFMPEG)
    expected, _ = read_frames(path, lambda length: sample_indices("segment", 8, length, 1, 0)[0])
    assert taken.shape == (8, 96, 128, 3)
    assert np.abs(taken.astype(int) - expected.pixels[expected.order]).mean() < 3  # swscale rounds in its own ways


def test_a_device_decodes_by_number_not_by_time(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mkv", "matroska", "libx264", frames=24, time=lambda number: number**2)
    assert numbers(frames.decode_frames(path, np.array([0, 3, 11, 23]), FFMPEG)) == [0, 3, 11, 23]


@pytest.mark.parametrize("length", [1, 7, 8, 9, 40])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_device_chooses_the_frames_of_evaluation(strategy: str, length: int) -> None:
    chosen = frames.choose_frames(strategy, 8, length)
    np.testing.assert_array_equal(chosen, sample_indices(strategy, 8, length, 1, 0)[0])


@pytest.mark.parametrize("size", [(96, 128), (240, 320), (51, 67), (700, 500)])
@pytest.mark.parametrize("backbone", ["small_cnn", "mobilenet_v2", "efficientnet_b1", "inception_v3"])
def test_a_device_prepares_pictures_as_torchvision_does(backbone: str, size: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (12, 16, 3)).astype(np.uint8)
    pictures = np.kron(picture, np.ones((-(-size[0] // 12), -(-size[1] // 16), 1), np.uint8))[
        None, : size[0], : size[1]
    ]
    preset: Any = preprocessing(backbone)
    facts = {"resize": preset.resize_size[0], "crop": preset.crop_size[0], "mean": preset.mean, "std": preset.std}
    prepared = frames.preprocess(pictures, facts | {"interpolation": preset.interpolation.value})
    expected = preset(torch.from_numpy(pictures).permute(0, 3, 1, 2)).numpy()
    assert prepared.shape == expected.shape
    step = 1 / 255 / min(preset.std)  # a level of grey
    assert np.abs(prepared - expected).max() < 2.1 * step and np.abs(prepared - expected).mean() < step / 2


def test_predict_classifies_a_video_as_the_host_does(tmp_path: Path) -> None:
    torch.manual_seed(0)
    trunk = build_trunk("small_cnn", "random")
    torch.save(trunk.state_dict(), tmp_path / "trunk.pth")
    classifier = make_classifier(30, 9, features=256)
    facts = write_cnn("small_cnn", tmp_path / "trunk.pth", tmp_path / "cnn.onnx")
    bundle = make_bundle(tmp_path / "vib", classifier, features=256, cnn=facts)
    (tmp_path / "cnn.onnx").rename(bundle / "cnn.onnx")
    write_manifest(bundle)
    path = write_clip(tmp_path / "clip.avi")
    taken, _ = read_frames(path, lambda length: sample_indices("segment", 8, length, 1, 0)[0])
    images = preprocessing("small_cnn")(torch.from_numpy(taken.pixels[taken.order]).permute(0, 3, 1, 2))
    with torch.inference_mode():
        probabilities = classifier(trunk(images)[None])[0].softmax(dim=0)
    done = run(bundle, "predict.py", path, "--ffmpeg", FFMPEG)
    label, probability = done.stdout.strip().split("\t")
    assert label == f"class {int(probabilities.argmax())}"
    assert abs(float(probability) - float(probabilities.max())) < 0.02


def run(bundle: Path, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(bundle / program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_videos_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    broken = tmp_path / "broken.avi"
    broken.write_bytes(b"no video")
    with pytest.raises(frames.UnreadableVideo, match="ffmpeg says"):
        frames.sample_frames(broken, {"strategy": "segment", "frames": 8}, FFMPEG)
    with pytest.raises(frames.UnreadableVideo, match="apt install ffmpeg"):
        frames.sample_frames(broken, {"strategy": "segment", "frames": 8}, "no-ffmpeg-of-this-name")


THROTTLING = [  # before, after, whether the core was slowed down
    (None, None, False),
    ({"bits": 0}, {"bits": 0}, False),
    ({"bits": 0}, {"bits": 0x4}, True),
    ({"bits": 0x50000}, {"bits": 0x50000}, False),  # since it was switched on, and before the measurement
    ({"bits": 0}, {"bits": 0x40000}, True),
    ({"bits": 0x1}, {"bits": 0x10000}, True),
    ({"count": 3}, {"count": 3}, False),
    ({"count": 3}, {"count": 4}, True),
]


@pytest.mark.parametrize(("before", "after", "throttled"), THROTTLING)
def test_throttling_is_seen(before: dict | None, after: dict | None, throttled: bool) -> None:
    assert machine.was_throttled({"throttled": before}, {"throttled": after}) is throttled


def test_a_measurement_on_a_throttling_board_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = make_bundle(tmp_path / "naive", make_classifier(20, 9))
    vcgencmd = tmp_path / "bin" / "vcgencmd"
    vcgencmd.parent.mkdir()
    vcgencmd.write_text("#!/bin/sh\necho throttled=0x50005\n")
    vcgencmd.chmod(0o755)
    monkeypatch.setenv("PATH", str(vcgencmd.parent), prepend=":")
    done = run(bundle, "bench.py", "--runtimes", "numpy", "--queries", "16", "--seconds", "0", "--batches", "1")
    assert done.returncode == 1 and "throttled while it measured" in done.stderr
    assert '"event": "samples"' in done.stdout  # they are kept, and marked by the exit status


def test_a_core_that_is_not_there(tmp_path: Path) -> None:
    done = run(make_bundle(tmp_path / "naive", make_classifier(20, 9)), "bench.py", "--check", "--core", "4096")
    assert done.returncode == 1 and "core 4096 cannot be had" in done.stderr
