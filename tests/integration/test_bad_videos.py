"""The whole corpus of `corpus.py` through the decoding pool: each clip is read rightly or listed with its reason."""

import random
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.files.misbehaviour import crash, hang, leave
from tests.integration.corpus import CORPUS, Kind
from tests.videos.clips import write_clip
from vibhar.videos.pool import ClipRecord, DecodeTask, decode_clips, load_frames
from vibhar.videos.sampling import sample_indices

choose = partial(sample_indices, "uniform", 4, views=1, seed=0)
DECODERS = {"hangs": (hang, "not decoded within"), "crashes": (crash, "SIGSEGV"), "leaves": (leave, "exit status 3")}
CONTAINERS = [
    ("avi", "mpeg4"),
    ("mp4", "libx264"),
    ("matroska", "libx264"),
    ("mpeg", "mpeg1video"),
    ("webm", "libvpx"),
    ("mpegts", "libx264"),
    ("flv", "flv"),
    ("asf", "wmv2"),
]
FUZZING = 20.0  # seconds


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ClipRecord]:
    """What is recorded of all, decoded in one pool."""
    folder = tmp_path_factory.mktemp("corpus")
    for kind in CORPUS:
        kind.build(folder / kind.name)
    tasks = [DecodeTask(kind.name, folder / kind.name, frames_file(folder, kind.name), choose) for kind in CORPUS]
    write_clip(folder / "good.avi")
    tasks += [
        DecodeTask(name, folder / "good.avi", frames_file(folder, name), way) for name, (way, _) in DECODERS.items()
    ]
    return {record.clip: record for record in decode_clips(tasks, workers=2, seconds=20)}


def frames_file(folder: Path, name: str) -> Path:
    return folder / f"{abs(hash(name))}.safetensors"


def test_there_are_more_than_forty_kinds() -> None:
    assert len({kind.name for kind in CORPUS}) + len(DECODERS) >= 40


@pytest.mark.parametrize("kind", CORPUS, ids=lambda kind: kind.name)
def test_each_is_read_or_listed_with_its_reason(records: dict[str, ClipRecord], kind: Kind) -> None:
    record = records[kind.name]
    if isinstance(kind.expected, int):
        assert (record.status, record.reason, record.frames) == ("ok", "", kind.expected)
    else:
        assert record.status == "unreadable"
        assert kind.expected in record.reason


@pytest.mark.parametrize("name", DECODERS)
def test_a_decoder_that_does_not_come_back(records: dict[str, ClipRecord], name: str) -> None:
    assert DECODERS[name][1] in records[name].reason


def mutate(data: bytes, chance: random.Random) -> bytes:
    """A file in which some bytes are others, are missing, stand twice, or are zeros; or whose end is missing."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 10, 100))):
        start = chance.randrange(len(changed))
        stop = min(start + chance.choice((1, 1, 4, 50, 1000)), len(changed))
        part = bytes(changed[start:stop])
        changed[start:stop] = chance.choice((chance.randbytes(len(part)), b"", 2 * part, bytes(len(part))))
        if len(changed) < 2:
            return bytes(changed)
    return bytes(changed[: chance.randrange(len(changed))] if chance.random() < 0.1 else changed)


@pytest.mark.slow
def test_files_with_random_bytes_bring_nothing_down(tmp_path: Path) -> None:
    chance = random.Random(0)
    whole = [write_clip(tmp_path / container, container, codec, 10).read_bytes() for container, codec in CONTAINERS]
    end = time.monotonic() + FUZZING
    statuses = set()
    while time.monotonic() < end:
        tasks = []
        for number in range(64):
            path = tmp_path / f"{number}.avi"
            path.write_bytes(mutate(chance.choice(whole), chance))
            tasks.append(DecodeTask(path.name, path, path.with_suffix(".safetensors"), choose))
        for task, record in zip(tasks, decode_clips(tasks, workers=2, seconds=10), strict=True):
            statuses.add(record.status)
            check(task, record)
    assert statuses == {"ok", "unreadable"}


def check(task: DecodeTask, record: ClipRecord) -> None:
    """A clip that is read has frames in its file, as many as were chosen; another has a reason and no file."""
    if record.status == "ok":
        sampled = load_frames(task.frames_file)
        assert sampled.pixels.shape[1:] == (record.height, record.width, 3)
        assert np.array_equal(np.unique(choose(record.frames), return_inverse=True)[1], sampled.order)
        task.frames_file.unlink()
    else:
        assert record.reason
        assert not task.frames_file.exists()
