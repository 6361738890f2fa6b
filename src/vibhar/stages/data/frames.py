"""Stage: decode the sampled frames of one shard of clips."""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from vibhar.stages.command import Settings, run
from vibhar.training.resuming import finish, unfinished
from vibhar.videos.pool import ClipRecord, DecodeTask, decode_clips
from vibhar.videos.sampling import clip_seed, sample_indices, shard_of
from vibhar.workflow.provenance import work_identity


def sample_frames(
    *, listing: Path, root: Path, frames: Path, shard: int, shards: int, threads: int, settings: Settings
) -> None:
    """Write the frames of the shard's readable clips into the folder `frames`, with a table of all clips.

    Clips that a killed run has finished are not decoded again.
    `settings`: sampling and seconds_per_clip.
    """
    clips = pd.read_parquet(listing)
    mine = clips[clips["clip"].map(partial(shard_of, shards=shards)) == shard]
    folder = unfinished(frames, work_identity())
    tasks = [
        plan(clip, root / path, folder, **settings["sampling"])
        for clip, path in zip(mine["clip"], mine["path"], strict=True)
    ]
    journal = folder / "records.jsonl"
    results = decode_the_rest(tasks, journal, workers=threads, seconds=settings["seconds_per_clip"])
    records = pd.DataFrame(tqdm(results, total=len(tasks), unit="clip", mininterval=5))
    records["frames_file"] = [task.frames_file.name for task in tasks]
    records.to_parquet(folder / "decoded.parquet")
    journal.unlink(missing_ok=True)
    finish(folder, frames)


def decode_the_rest(
    tasks: Sequence[DecodeTask], journal: Path, *, workers: int, seconds: float
) -> Iterator[ClipRecord]:
    """Yield the records of all tasks in order: first those in the journal, then new ones, which are added to it."""
    lines = journal.read_text("utf-8").splitlines(keepends=True) if journal.exists() else []
    whole = [line for line in lines if line.endswith("\n")]  # the last one may be truncated
    known = [ClipRecord(**json.loads(line)) for line in whole]
    yield from known
    with journal.open("w") as stream:
        stream.writelines(whole)
        for record in decode_clips(tasks[len(known) :], workers=workers, seconds=seconds):
            stream.write(json.dumps(record._asdict()) + "\n")
            stream.flush()
            yield record


def plan(clip: str, path: Path, folder: Path, *, strategy: str, frames: int, views: int, seed: int) -> DecodeTask:
    """Return the task for one clip; its file is named by a hash, because the clip's name may not be a file name."""
    draw = clip_seed(clip, seed)
    choose = partial(sample_indices, strategy, frames, views=views, seed=draw)
    return DecodeTask(clip, path, folder / f"{draw:016x}.safetensors", choose)


if __name__ == "__main__":
    run(sample_frames)
