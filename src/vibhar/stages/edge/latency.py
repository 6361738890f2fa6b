"""Stage: measure latency and memory of the bundles on one core, here or on a board."""

import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from vibhar.edge.measuring import Event, ffmpeg_here, keep, run_bundles
from vibhar.edge.ssh import Board
from vibhar.files.writing import complete
from vibhar.stages.command import Settings, run


def measure_latency(*, bundles: list[Path], clips: Path, root: Path, latency: Path, settings: Settings) -> None:
    """Write all events by kind (see `vibhar.edge.measuring`), with every sample, and where they were measured.

    `bundles` are siblings, the naive one first. `settings`: where (local, ssh or none), ssh, runtimes, batches,
    queries, seconds, warmup, core (or None), repeat (of the pipeline), split, with_cnn. Raises InputError where a run
    fails; what was measured until then stays in a journal beside `latency`.
    """
    journal = latency.with_suffix(".journal.jsonl")
    journal.unlink(missing_ok=True)
    events: list[Event] = []
    if settings["where"] != "none":
        board = board_of(settings["ssh"]) if settings["where"] == "ssh" else None
        script = f"{bundles[0].name}/bench.py"
        events += keep(run_bundles(bundles, script, bench_arguments(bundles, settings), board), journal)
        if settings["with_cnn"]:
            video = video_of(clips, root, settings["split"])
            events += keep(run_pipeline(bundles, video, board, settings), journal)
    kinds = defaultdict(list)
    for event in events:
        kinds[event.pop("event")].append(event)
    with complete(latency) as temporary:
        temporary.write_text(json.dumps({"where": settings["where"], **kinds}))
    journal.unlink(missing_ok=True)


def board_of(ssh: Settings) -> Board:
    """Return the board in the config's ssh settings."""
    files = {key: Path(ssh[key]) if ssh[key] else None for key in ("key", "known_hosts")}
    return Board(**ssh | files)


def bench_arguments(bundles: list[Path], settings: Settings) -> list[str]:
    """The command line of bench.py."""
    numbers = {key: settings[key] for key in ("queries", "seconds", "warmup")}
    return [
        *("--bundles", *(bundle.name for bundle in bundles)),
        *("--runtimes", *settings["runtimes"]),
        *("--batches", *map(str, settings["batches"])),
        *(word for key, number in numbers.items() for word in (f"--{key}", str(number))),
        *core_arguments(settings),
    ]


def core_arguments(settings: Settings) -> list[str]:
    """The core that the config names; without one, the programs take the first that they may run on."""
    return [] if settings["core"] is None else ["--core", str(settings["core"])]


def run_pipeline(bundles: list[Path], video: Path, board: Board | None, settings: Settings) -> Iterator[str]:
    """Run pipeline.py on a copy of `video`, which has a plain name, and yield its lines."""
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder, "clip", f"clip{video.suffix}")
        copied.parent.mkdir()
        shutil.copyfile(video, copied)
        named = [bundle.name for bundle in bundles if bundle.name != "floor"]
        arguments = ["--bundles", *named, *core_arguments(settings), "--repeat", str(settings["repeat"])]
        arguments += (
            ["--video", f"clip/{copied.name}"] if board else ["--video", str(copied), "--ffmpeg", ffmpeg_here()]
        )
        yield from run_bundles([*bundles, copied.parent], f"{bundles[0].name}/pipeline.py", arguments, board)


def video_of(clips: Path, root: Path, split: str) -> Path:
    """Return the path of the first readable test clip."""
    index = pd.read_parquet(clips).query("status == 'ok'")
    return root / index[index[split] == "test"].sort_values("clip")["path"].iloc[0]


if __name__ == "__main__":
    run(measure_latency)
