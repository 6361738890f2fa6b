"""What it costs to open a split of a feature store, to read random segments of it, and what training waits for.

    .venv/bin/python benchmarks/store.py                          13,320 clips in a sparse file; 1.4 GB on the disk

A clip has 4 views, 4 crops, 25 frames and 2048 features. The split is opened for one batch of 32 clips, against
`np.load(mmap_mode="r")` and the same batch; both read the index, which says what clips are of the split. Epochs are set
against one .npy a clip, read whole by `np.load` in torch's DataLoader. Training is of a VIB-LSTM.
"""

import os
import statistics
import tempfile
import time
import zlib
from pathlib import Path

import defopt
import numpy as np
import pandas as pd
import torch
from compare import Goal, measure, tell, tell_ratio
from numpy.lib import format as npy
from torch import nn
from torch.utils.data import DataLoader, Dataset

from vibhar.compression.modules import VIBLSTM
from vibhar.features.store import ClipSet, open_split
from vibhar.files.arrays import digest_of, new_array
from vibhar.files.checked_arrays import StoredArray
from vibhar.models.classifier import RecurrentClassifier
from vibhar.training.loop import Schedule, label_loss

SHAPE = (4, 4, 25, 2048)  # of a clip: views, crops, frames, features
CLIPS, CLASSES, BATCH = 13320, 101, 32


def compare(*, clips: int = 400, hidden: int = 512, runs: int = 9) -> None:
    """Print all ratios; `clips` are those of an epoch, `hidden` are the units that are trained."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compare_opening(folder, runs)
        write_clips(folder, clips)
        compare_epochs(folder, clips, runs)
        measure_waiting(folder, hidden, runs)


def compare_opening(folder: Path, runs: int) -> None:
    """Open a split and read its first batch, with the file in the system's cache and without."""
    store, index = write_sparse(folder / "sparse.npy"), write_index(folder / "sparse.parquet", CLIPS)

    def ours() -> None:
        training = open_split(store, index, "split1", strategy="segment").training
        next(training.shuffled_batches(BATCH, np.random.default_rng(0)))

    def theirs() -> None:
        array, table = np.load(store, mmap_mode="r"), pd.read_parquet(index, columns=["label", "split1", "status"])
        labels, _ = pd.factorize(table["label"], sort=True)
        rows = np.flatnonzero((table["split1"] == "train") & (table["status"] == "ok"))
        next(ClipSet(array, rows, torch.from_numpy(labels)).shuffled_batches(BATCH, np.random.default_rng(0)))

    goal = Goal("most", 1.5)
    what = (
        "a split of a sparse 22 GB store and its first batch, against np.load(mmap_mode='r'), the index and the batch"
    )
    tell("open_split_cached", f"{what}, all in the system's cache", goal, measure(ours, theirs, runs=runs))
    cold = measure(ours, theirs, runs=runs, prepare=lambda: forget(store))
    tell("open_split_uncached", f"{what}, nothing of the store in the cache", goal, cold)
    store.unlink()


def write_sparse(path: Path) -> Path:
    """A store of zeros that takes no room but that of its checksums."""
    blocks = CLIPS * int(np.prod(SHAPE[:-1]))
    with path.open("w+b") as stream:
        npy.write_array_header_1_0(stream, {"descr": "<f2", "fortran_order": False, "shape": (CLIPS, *SHAPE)})
        offset = stream.tell()
        stream.seek(0)
        header = stream.read(offset)
        sums = np.full(blocks, zlib.crc32(bytes(SHAPE[-1] * 2)), "<u4")
        digest = digest_of(header, sums)
        stream.seek(offset + blocks * SHAPE[-1] * 2)
        stream.write(zlib.crc32(header + digest).to_bytes(4, "little") + sums.tobytes() + digest)
    return path


def write_index(path: Path, clips: int) -> Path:
    """An index with the columns that one of videos has."""
    rows = np.arange(clips)
    names = [f"v_Class{row % CLASSES:03}_g{row // CLASSES:03}_c01" for row in rows]
    columns = {"clip": names, "path": [f"{name}.avi" for name in names], "frames": 180, "fps": 25.0}
    parts = np.where(rows % 10 < 8, "train", np.where(rows % 10 == 8, "validation", "test"))
    columns |= {"label": [f"Class{row % CLASSES:03}" for row in rows], "split1": parts, "status": "ok"}
    pd.DataFrame(columns).to_parquet(path)
    return path


def write_clips(folder: Path, clips: int) -> None:
    """The same features in a store and in one .npy a clip, and an index."""
    random = np.random.default_rng(0)
    write_index(folder / "clips.parquet", clips)
    with new_array(folder / "store.npy", (clips, *SHAPE)) as store:
        for row in range(clips):
            features = random.random(SHAPE, np.float32).astype(np.float16)
            store[row] = features
            np.save(folder / f"{row}.npy", features)


class ClipFiles(Dataset):
    """A training example of each clip's own file, with random views and one random crop."""

    def __init__(self, folder: Path, clips: ClipSet) -> None:
        self.folder, self.clips = folder, clips

    def __len__(self) -> int:
        return len(self.clips)

    def __getitem__(self, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        views, crops, frames, _ = SHAPE
        features = np.load(self.folder / f"{self.clips.rows[number]}.npy")
        chosen = features[np.random.randint(views, size=frames), np.random.randint(crops), np.arange(frames)]
        return torch.from_numpy(chosen).float(), self.clips.labels[number]


def compare_epochs(folder: Path, clips: int, runs: int) -> None:
    """Read epochs of random segments: with all in the system's cache and checked, the first ones, and from the disk."""

    def training() -> ClipSet:
        return open_split(folder / "store.npy", folder / "clips.parquet", "split1", strategy="segment").training

    def epoch(part: ClipSet) -> None:
        assert sum(len(y) for _, y in part.shuffled_batches(BATCH, random)) == len(part)

    def theirs() -> None:
        assert sum(len(y) for _, y in files) == len(opened)

    def forget_all() -> None:
        for path in folder.glob("*.npy"):
            forget(path)

    opened, random = training(), np.random.default_rng(0)
    files = DataLoader(ClipFiles(folder, opened), batch_size=BATCH, shuffle=True)
    what, goal = f"random segments of {len(opened)} clips, samples/s, against one .npy a clip", Goal("least", 10)
    first = measure(lambda: epoch(training()), theirs, runs=runs)
    tell("random_segment_first_epoch", f"{what}; opening and checking included", goal, first, faster=True)
    assert isinstance(opened.features, StoredArray)
    for _ in opened.features.rows():
        pass  # they are checked by this, once
    times = measure(lambda: epoch(opened), theirs, runs=runs)
    tell("random_segment_epochs", f"{what}; in the cache, and checked before", goal, times, faster=True)
    uncached = measure(lambda: epoch(opened), theirs, runs=runs, prepare=forget_all)
    tell("random_segment_epochs_uncached", f"{what}; from the disk, and checked before", goal, uncached, faster=True)


def forget(path: Path) -> None:
    """Take a file out of the system's cache."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())  # what is not on the disk yet would stay
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measure_waiting(folder: Path, hidden: int, runs: int) -> None:
    """The share of a training's time in which it waits for a batch."""
    data = open_split(folder / "store.npy", folder / "clips.parquet", "split1", strategy="segment").training
    lstm = VIBLSTM.from_lstm(nn.LSTM(SHAPE[-1], hidden, batch_first=True))
    model = RecurrentClassifier(lstm, nn.Linear(hidden, CLASSES), readout="last", beta=1e-3, input_beta=1e-3)
    optimizer = torch.optim.AdamW(model.parameters())
    loss = label_loss(Schedule(epochs=1, batch_size=BATCH, learning_rate=1e-3))
    batches = endless(data)
    shares = []
    for _ in range(runs):
        begun = time.perf_counter()
        batch = next(batches)
        read = time.perf_counter()
        optimizer.zero_grad()
        (loss(model, batch) + model.penalty()).backward()
        optimizer.step()
        shares.append((read - begun) / (time.perf_counter() - begun))
    what = f"the share of a step of a VIB-LSTM of {hidden} units on {SHAPE[-2:]} that waits for data, one thread"
    tell_ratio("waiting_for_data", what, Goal("most", 0.05), statistics.median(shares[1:]), shares[1:])


def endless(data: ClipSet):
    """Yield the batches of one epoch after the other."""
    random = np.random.default_rng(0)
    while True:
        yield from data.shuffled_batches(BATCH, random)


if __name__ == "__main__":
    defopt.run(compare)
