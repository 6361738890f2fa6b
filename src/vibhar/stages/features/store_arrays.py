"""Stage: sample rows of imported feature arrays, like frames of videos, into one store."""

from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Shaped
from tqdm import tqdm

from vibhar.datasets.arrays import read_array
from vibhar.files.arrays import new_array
from vibhar.stages.command import Settings, run
from vibhar.videos.sampling import clip_seed, sample_indices


def store_arrays(*, clips: Path, root: Path, store: Path, settings: Settings) -> None:
    """Write features [clip, view, one crop, frame, dim] of the readable clips of `clips`.

    `settings`: sampling; and content, a hash of the arrays, by which the record of the store tells what it was made of.
    """
    index = pd.read_parquet(clips).query("status == 'ok'")
    sampling = settings["sampling"]
    shape = (len(index), sampling["views"], 1, sampling["frames"], int(index["dim"].max()))
    files = enumerate(zip(index["clip"], index["path"], strict=True))
    with new_array(store, shape) as joined:
        for row, (clip, path) in tqdm(files, total=len(index), unit="clip", mininterval=5):
            joined[row] = sample_rows(read_array(root / path), clip, **sampling)[:, None]


def sample_rows(
    array: Shaped[np.ndarray, "L D"], clip: str, *, strategy: str, frames: int, views: int, seed: int
) -> Shaped[np.ndarray, "V T D"]:
    """Sample the rows of one clip's array, as the frames of a video of that length would be sampled."""
    return array[sample_indices(strategy, frames, len(array), views, clip_seed(clip, seed))]


if __name__ == "__main__":
    run(store_arrays)
