"""How many times faster the compiled TV-L1 is than OpenCV's on one core, how far apart they are, how cores share it.

    .venv/bin/python benchmarks/flow.py                           rendered clips
    .venv/bin/python benchmarks/flow.py --videos UCF-101          some clips of a folder of .avi files

A pair is two consecutive frames from the middle of a clip, at 320x240 and at 256 rows (341x256). OpenCV has one thread.
"""

import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import defopt
import numpy as np
import torch
from compare import Goal, Times, measure, tell, tell_ratio

from vibhar.datasets.rendered.dataset import render_dataset
from vibhar.videos.decoding import read_frames
from vibhar.videos.flow import compute_flow, resize_frames
from vibhar.videos.tvl1 import TVL1Parameters


def compare(*, videos: Path | None = None, clips: int = 20, timed: int = 3, runs: int = 5) -> None:
    """Print all ratios. All `clips` are compared, and `timed` of them are timed."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        pairs = read_pairs(videos or render(Path(name)), clips)
    chosen = pairs[:: max(1, len(pairs) // timed)][:timed]
    for rows in (240, 256):
        compare_speed(rows, [resize(pair, rows) for pair in chosen], runs)
    compare_numbers([resize(pair, 240) for pair in pairs])
    compare_cores([resize(pair, 240) for pair in chosen], runs)


def render(root: Path) -> Path:
    """Render clips as UCF101's, of 320 x 240 pixels."""
    classes = ["Biking", "HammerThrow", "JugglingBalls", "Surfing", "ThrowDiscus"]
    render_dataset("ucf101", root, seed=0, groups=4, clips_per_group=1, frames=(8, 8), classes=classes)
    return root


def read_pairs(videos: Path, clips: int) -> list[np.ndarray]:
    """Read two consecutive frames from each of some clips."""
    paths = sorted(videos.rglob("*.avi"))
    chosen = paths[:: max(1, len(paths) // clips)][:clips]
    return [read_frames(path, lambda length: np.array([length // 2, length // 2 + 1]))[0].pixels for path in chosen]


def resize(pair: np.ndarray, rows: int) -> np.ndarray:
    """The pair, its shorter side resized to `rows`, where it has another size."""
    return pair if min(pair.shape[1:3]) == rows else resize_frames(pair, rows)


def flow_of(pair: np.ndarray, backend: str) -> torch.Tensor:
    """The flow of a pair by OpenCV's parameters."""
    first, second = torch.from_numpy(pair).split(1)
    return compute_flow(first, second, backend, TVL1Parameters())


def compare_speed(rows: int, pairs: list[np.ndarray], runs: int) -> None:
    """Time both on all pairs in turn."""
    times = measure(
        lambda: [flow_of(pair, "numba") for pair in pairs],
        lambda: [flow_of(pair, "opencv") for pair in pairs],
        runs=runs,
    )
    size = "x".join(map(str, pairs[0].shape[2:0:-1]))
    what = f"speed on {len(pairs)} pairs of {size}, one core, against OpenCV's DualTVL1, one thread"
    tell(f"tvl1_{rows}", what, Goal("least", 5), times, faster=True)


def compare_numbers(pairs: list[np.ndarray]) -> None:
    """Print the largest of the pairs' mean end-point differences."""
    differences = [(flow_of(pair, "numba") - flow_of(pair, "opencv")).norm(dim=1).mean().item() for pair in pairs]
    what = f"largest of the mean end-point differences of {len(pairs)} pairs, in pixels"
    tell_ratio("tvl1_difference", what, Goal("most", 0.05), max(differences), differences)


def compare_cores(pairs: list[np.ndarray], runs: int) -> None:
    """Compare the processor's seconds for the pairs on one core with those on each core while all work at once.

    They grow where the cores share a memory that is too slow; what else the machine does adds nothing.
    """
    cores, times = len(os.sched_getaffinity(0)), Times([], [])

    def work(_: int) -> float:
        begun = time.thread_time()
        for pair in pairs:
            flow_of(pair, "numba")
        return time.thread_time() - begun

    with ThreadPoolExecutor(cores) as pool:
        for _ in range(runs):
            times.theirs.append(work(0))
            times.ours.append(max(pool.map(work, range(cores))))
    what = f"speed of the slowest of {cores} cores that work at once, in its own seconds, against one alone"
    tell("tvl1_cores", what, Goal("least", 0.9), times, faster=True)


if __name__ == "__main__":
    defopt.run(compare)
