"""Decode the sampled frames of one shard of clips."""

from functools import partial
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from vibhar.decoding_pool import DecodeTask, decode_clips
from vibhar.files import complete
from vibhar.sampling import clip_seed, sample_indices
from vibhar.stages import Settings, run


def sample_frames(
    *,
    listing: Path,
    root: Path,
    frames: Path,
    decoded: Path,
    shard: int,
    shards: int,
    threads: int,
    settings: Settings,
) -> None:
    """Write the frames of each readable clip of the shard into the folder `frames`, and a record of every clip.

    The shard of a clip depends on its name alone. `settings`: sampling and seconds_per_clip.
    """
    clips = pd.read_parquet(listing)
    mine = clips[clips["clip"].map(partial(clip_seed, seed=0)) % shards == shard]
    frames.mkdir(parents=True, exist_ok=True)
    tasks = [
        plan(clip, root / path, frames, **settings["sampling"])
        for clip, path in zip(mine["clip"], mine["path"], strict=True)
    ]
    results = decode_clips(tasks, workers=threads, seconds=settings["seconds_per_clip"])
    records = pd.DataFrame(tqdm(results, total=len(tasks), unit="clip", mininterval=5))
    records["frames_file"] = [task.frames_file.name for task in tasks]
    with complete(decoded) as temporary:
        records.to_parquet(temporary)


def plan(clip: str, path: Path, folder: Path, *, strategy: str, frames: int, views: int, seed: int) -> DecodeTask:
    """What to take of one clip, and the file for it: named by the clip's hash, as its name may not be a file's."""
    draw = clip_seed(clip, seed)
    choose = partial(sample_indices, strategy, frames, views=views, seed=draw)
    return DecodeTask(clip, path, folder / f"{draw:016x}.safetensors", choose)


if __name__ == "__main__":
    run(sample_frames)
