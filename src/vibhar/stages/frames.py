"""Decode the sampled frames of one shard of clips."""

from functools import partial
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from vibhar.files import complete
from vibhar.sampling import clip_seed
from vibhar.stages import Settings, run
from vibhar.video import decode_clips


def sample_frames(
    *, listing: Path, root: Path, frames: Path, decoded: Path, shard: int, threads: int, settings: Settings
) -> None:
    """Write the frames of each readable clip to a file in the folder `frames`, and a record of every clip to `decoded`.

    `settings` holds the dataset's sampling, the number of shards and the time limit of a clip.
    """
    clips = pd.read_parquet(listing)
    mine = clips[clips["clip"].map(partial(clip_seed, seed=0)) % settings["shards"] == shard]
    frames.mkdir(parents=True, exist_ok=True)
    tasks = [
        plan(clip, root / path, frames, settings["sampling"])
        for clip, path in zip(mine["clip"], mine["path"], strict=True)
    ]
    results = decode_clips(tasks, workers=threads, seconds=settings["seconds_per_clip"])
    records = pd.DataFrame(tqdm(results, total=len(tasks), unit="clip", disable=None), columns=DecodedColumns)
    records["file"] = [task.output.name for task in tasks]
    with complete(decoded) as temporary:
        records.to_parquet(temporary)


if __name__ == "__main__":
    run(sample_frames)
