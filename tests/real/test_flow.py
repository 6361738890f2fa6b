"""The batched TV-L1 against OpenCV's on real clips."""

from pathlib import Path

import numpy as np
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
