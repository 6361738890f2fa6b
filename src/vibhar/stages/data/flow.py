"""Stage: compute optical flow at the sampled frames of one shard of clips."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from tqdm import tqdm

from vibhar.errors import InputError
from vibhar.stages.command import Settings, run
from vibhar.training.resuming import finish, unfinished
from vibhar.videos.decoding import SampledFrames
from vibhar.videos.flow import flow_of_pairs, resize_frames
from vibhar.videos.pool import ClipRecord, DecodeTask, decode_clips, load_frames, save_frames
from vibhar.videos.sampling import clip_seed, sample_stacks
from vibhar.workflow.provenance import work_identity


def compute_clip_flow(
    *, listing: Path, decoded: Path, root: Path, flow: Path, threads: int, settings: Settings
) -> None:
    """Write the quantised flow of the shard's readable clips into the folder `flow`, one file per clip.

    A file holds uint8 pictures [U, H, W, 2L], u and v of L consecutive pairs that start at a sampled frame, and their
    order [V, T]. Clips that a killed run has finished are not computed again. Raises InputError if the frames for the
    flow of a readable clip cannot be decoded.
    `settings`: sampling, seconds_per_clip and flow (backend, short_side, bound, pairs, parameters).
    """
    begun = unfinished(flow, work_identity())
    readable = pd.read_parquet(decoded).query("status == 'ok'")
    clips = readable.merge(pd.read_parquet(listing)[["clip", "path"]], on="clip")
    with TemporaryDirectory(dir=begun) as folder:
        tasks = [
            plan(clip, root / path, Path(folder, file), settings)
            for clip, path, file in zip(clips["clip"], clips["path"], clips["frames_file"], strict=True)
            if not (begun / file).exists()
        ]
        records = decode_clips(tasks, workers=threads, seconds=settings["seconds_per_clip"])
        for task, record in tqdm(zip(tasks, records, strict=True), total=len(tasks), unit="clip", mininterval=5):
            check(record)
            save_frames(flow_of_clip(load_frames(task.frames_file), **settings["flow"]), begun / task.frames_file.name)
            task.frames_file.unlink()
    finish(begun, flow)


def plan(clip: str, path: Path, file: Path, settings: Settings) -> DecodeTask:
    """Return the task of reading the frames sampled for the CNN, each with the frames that follow it."""
    sampling, draw = settings["sampling"], clip_seed(clip, settings["sampling"]["seed"])
    choose = partial(
        sample_stacks,
        sampling["strategy"],
        sampling["frames"],
        views=sampling["views"],
        seed=draw,
        pairs=settings["flow"]["pairs"],
    )
    return DecodeTask(clip, path, file, choose)


def check(record: ClipRecord) -> None:
    """Raise InputError for a clip that cannot be read."""
    if record.status != "ok":
        raise InputError(
            f"The sampled frames of the clip {record.clip} could be read, but not those after them, which the flow "
            f"needs: {record.reason}. Replace the clip or take it away, or raise `data.seconds_per_clip`."
        )


def flow_of_clip(
    sampled: SampledFrames, *, backend: str, short_side: int, bound: float, pairs: int, parameters: Settings
) -> SampledFrames:
    """Return the flow of a clip's stacks of frames, which have the order [V, T, L+1]; each pair is computed once."""
    frames = resize_frames(sampled.pixels, short_side)
    steps = np.stack([sampled.order[..., :-1], sampled.order[..., 1:]], axis=-1)
    unique, which = np.unique(steps.reshape(-1, 2), axis=0, return_inverse=True)
    quantised = flow_of_pairs(frames, unique, backend=backend, bound=bound, parameters=parameters)
    stacks, order = np.unique(which.reshape(-1, pairs), axis=0, return_inverse=True)
    _, height, width, _ = frames.shape
    pictures = quantised[stacks].transpose(0, 3, 4, 1, 2).reshape(len(stacks), height, width, 2 * pairs)
    return SampledFrames(pictures, order.reshape(sampled.order.shape[:2]))


if __name__ == "__main__":
    run(compute_clip_flow)
