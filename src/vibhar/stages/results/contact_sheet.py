"""Stage: draw a contact sheet of the optical flow of some clips."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from vibhar.results.figures.contact_sheet import Sample, draw_contact_sheet
from vibhar.results.figures.style import save_figure
from vibhar.stages.command import Settings, run
from vibhar.videos.decoding import read_frames
from vibhar.videos.flow import dequantise, flow_of_pairs, resize_frames
from vibhar.videos.sampling import sample_stacks

ROWS = 8


def make_contact_sheet(*, listing: Path, decoded: Path, root: Path, png: Path, pdf: Path, settings: Settings) -> None:
    """Draw the flow from the middle frame of some readable clips of a shard. `settings`: flow."""
    readable = pd.read_parquet(decoded).query("status == 'ok'")
    clips = readable.merge(pd.read_parquet(listing)[["clip", "path"]], on="clip").sort_values("clip")
    chosen = clips.iloc[np.unique(np.linspace(0, len(clips) - 1, ROWS).astype(int))]
    samples = [
        take_sample(clip, root / path, **settings["flow"])
        for clip, path in zip(chosen["clip"], chosen["path"], strict=True)
    ]
    save_figure(draw_contact_sheet(samples), png, pdf)


def take_sample(
    clip: str, path: Path, *, backend: str, short_side: int, bound: float, pairs: int, parameters: Settings
) -> Sample:
    """Return a clip's middle frame and its flow as the CNNs see it: quantised, then converted back to pixels."""
    choose = partial(sample_stacks, "uniform", 1, views=1, seed=0, pairs=1)
    taken, _ = read_frames(path, choose)
    frames = resize_frames(taken.pixels, short_side)
    flow = flow_of_pairs(frames, taken.order.reshape(1, 2), backend=backend, bound=bound, parameters=parameters)
    return Sample(clip, frames[taken.order.flat[0]], dequantise(torch.from_numpy(flow[0]), bound))


if __name__ == "__main__":
    run(make_contact_sheet)
