"""The flow of a clip: the right pairs, each once, in the order of the sampled frames."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.videos.clips import write_clip
from vibhar.errors import InputError
from vibhar.stages.data.flow import compute_clip_flow, flow_of_clip
from vibhar.videos.decoding import SampledFrames, read_frames
from vibhar.videos.flow import flow_of_pairs, resize_frames
from vibhar.videos.pool import load_frames
from vibhar.videos.sampling import clip_seed, sample_stacks

FLOW: dict[str, Any] = {"backend": "dis", "short_side": 32, "bound": 20.0, "parameters": {}}
SAMPLING = {"strategy": "segment", "frames": 3, "views": 2, "seed": 5}


def moving_square(frames: int) -> np.ndarray:
    """A textured square that moves two pixels to the right in each frame."""
    texture = np.random.default_rng(0).integers(0, 255, (32, 32, 3)).repeat(2, 0).repeat(2, 1)
    scene = np.zeros((frames, 96, 160, 3), np.uint8)
    for number in range(frames):
        scene[number, 16:80, 20 + 2 * number : 84 + 2 * number] = texture
    return scene


@pytest.mark.parametrize("pairs", [1, 3])
def test_each_sampled_frame_has_the_flow_from_it_on(pairs: int) -> None:
    frames = moving_square(12)
    stacks = sample_stacks("segment", 3, 12, 2, 0, pairs=pairs)
    wanted, order = np.unique(stacks, return_inverse=True)
    taken = flow_of_clip(SampledFrames(frames[wanted], order.reshape(stacks.shape)), pairs=pairs, **FLOW)
    assert taken.order.shape == (2, 3)
    assert taken.pixels.shape[1:] == (32, 53, 2 * pairs)
    small = resize_frames(frames, 32)
    chosen = {key: FLOW[key] for key in ("backend", "bound", "parameters")}
    for view, frame in np.ndindex(2, 3):
        steps = stacks[view, frame]
        expected = flow_of_pairs(small, np.stack([steps[:-1], steps[1:]], axis=1), **chosen)
        found = taken.pixels[taken.order[view, frame]].transpose(2, 0, 1).reshape(pairs, 2, 32, 53)
        np.testing.assert_array_equal(found, expected)
    assert taken.pixels[..., 0].max() > 130  # it moves to the right


@pytest.fixture
def shard(tmp_path: Path) -> dict[str, Path]:
    """A listing of two clips, of which the sampling of the frames has left one."""
    (tmp_path / "videos").mkdir()
    write_clip(tmp_path / "videos/good.avi")
    pd.DataFrame({"clip": ["good", "bad"], "path": ["good.avi", "bad.avi"]}).to_parquet(tmp_path / "listing.parquet")
    decoded = {"clip": ["good", "bad"], "status": ["ok", "unreadable"], "frames_file": ["a.safetensors"] * 2}
    pd.DataFrame(decoded).to_parquet(tmp_path / "decoded.parquet")
    return {name: tmp_path / f"{name}.parquet" for name in ("listing", "decoded")} | {"root": tmp_path / "videos"}


def test_the_stage_writes_a_file_a_readable_clip(tmp_path: Path, shard: dict[str, Path]) -> None:
    settings = {"sampling": SAMPLING, "seconds_per_clip": 60, "flow": FLOW | {"pairs": 1}}
    compute_clip_flow(**shard, flow=tmp_path / "flow", threads=1, settings=settings)
    assert [path.name for path in (tmp_path / "flow").iterdir()] == ["a.safetensors"]
    found = load_frames(tmp_path / "flow/a.safetensors")
    stacks = sample_stacks("segment", 3, 40, 2, clip_seed("good", 5), pairs=1)
    frames, _ = read_frames(tmp_path / "videos/good.avi", lambda length: stacks)
    expected = flow_of_clip(frames, pairs=1, **FLOW)
    np.testing.assert_array_equal(found.pixels[found.order], expected.pixels[expected.order])


def test_a_clip_that_has_gone_is_named(tmp_path: Path, shard: dict[str, Path]) -> None:
    (tmp_path / "videos/good.avi").unlink()
    settings = {"sampling": SAMPLING, "seconds_per_clip": 60, "flow": FLOW | {"pairs": 1}}
    with pytest.raises(InputError, match="sampled frames of the clip good could be read, but not those after them"):
        compute_clip_flow(**shard, flow=tmp_path / "flow", threads=1, settings=settings)
