"""The other backends of TV-L1 against OpenCV's on real clips."""

import platform
from pathlib import Path

import numpy as np
import pytest
import torch

from vibhar.videos.decoding import read_frames
from vibhar.videos.flow import compute_flow, resize_frames
from vibhar.videos.tvl1 import TVL1Parameters


def test_the_batched_scheme_agrees_with_opencv(real_data: Path) -> None:
    clips = sorted((real_data / "ucf101/UCF-101").rglob("*.avi"))
    pairs = []
    for clip in clips[:: len(clips) // 6]:
        frames, _ = read_frames(clip, lambda length: np.array([length // 2, length // 2 + 4]))
        pairs.append(torch.from_numpy(resize_frames(frames.pixels, 80)))
    first, second = torch.stack(pairs)[:, 0], torch.stack(pairs)[:, 1]
    flows = [compute_flow(first, second, backend, TVL1Parameters()) for backend in ("opencv", "torch")]
    assert (flows[0] - flows[1]).norm(dim=1).mean() < 0.05
    assert flows[0].norm(dim=1).mean() > 0.3


@pytest.mark.slow
def test_the_compiled_loops_give_opencv_s_numbers_on_20_clips(real_data: Path) -> None:
    ucf101, weizmann = (sorted((real_data / name).rglob("*.avi")) for name in ("ucf101", "weizmann"))
    clips = ucf101[:: len(ucf101) // 15][:15] + weizmann[:: len(weizmann) // 5][:5]
    assert len(clips) == 20
    for clip in clips:
        frames, _ = read_frames(clip, lambda length: np.array([length // 2, length // 2 + 1]))
        first, second = torch.from_numpy(frames.pixels).split(1)
        flow, reference = (compute_flow(first, second, backend, TVL1Parameters()) for backend in ("numba", "opencv"))
        assert (flow - reference).norm(dim=1).mean() <= 0.05, clip
        if platform.machine() == "x86_64":
            assert torch.equal(flow, reference), clip
