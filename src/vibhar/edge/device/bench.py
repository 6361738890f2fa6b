"""Measure the latency of bundles on one core, or --check that every runtime here agrees with the host.

    python3 bench.py --check
    python3 bench.py --bundles ../naive ../vib --runtimes onnxruntime numpy c --batches 1 10

This is MLPerf's single-stream scenario: a query starts when the last one has ended. There are at least --queries
queries, and they last at least --seconds. The bundles take turns, so that a processor that warms up affects all of them
alike. Each bundle runs in a separate process in each runtime, so that its peak memory can be measured, and its death
ends nothing else. Every line of the output is a JSON object, and all samples are printed.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # which Python leaves out where PYTHONSAFEPATH is set

from machine import MissingCore, describe_machine, pin, was_throttled
from workers import RUNTIMES, Worker

FOLDER = Path(__file__).parent
TURNS = 16
MOST = 100  # times --queries at most: at microseconds a query, --seconds of samples would fill the SD card


def say(event, **facts):
    """Print an event as one line of JSON."""
    print(json.dumps({"event": event, **facts}), flush=True)


def check(bundles, runtimes, patience):
    """Whether each runtime that is here gives the host's logits of the reference clips; says what it found.

    Returns that, and the pairs of a bundle and a runtime that are here.
    """
    agrees, here = True, []
    for folder in bundles:
        for name in runtimes:
            worker = Worker(folder, name)
            answer = worker.ask(patience, action="compare")
            worker.close()
            tell(answer, "agreement", {"bundle": folder.name, "runtime": name})
            agrees &= answer.get("agrees", "fault" not in answer)
            here += [(folder, name)] if "agrees" in answer else []
    return agrees, here


def tell(answer, event, facts):
    """Say what a process answered, or that its runtime is missing, with the reason."""
    say("missing" if "reason" in answer else event, **facts, **answer)


def measure(here, batches, *, frames, queries, seconds, warmup):
    """Say the samples of every bundle in every runtime that is here, at every batch size."""
    for runtime in dict.fromkeys(name for _, name in here):
        workers = {folder: Worker(folder, runtime) for folder, name in here if name == runtime}
        for batch in batches:
            size = {"batch": batch, "frames": frames}
            workers = time_in_turns(workers, runtime, size, queries, seconds, warmup)
        for folder, worker in workers.items():
            tell(worker.ask(action="memory"), "memory", {"bundle": folder.name, "runtime": runtime})
            worker.close()


def time_in_turns(workers, runtime, size, queries, seconds, warmup):
    """Let the bundles take turns until each has its queries and its seconds; returns those whose process still runs."""
    counts, spent = dict.fromkeys(workers, 0), dict.fromkeys(workers, 0)
    turn = -(-queries // TURNS)
    alive, waiting = dict(workers), list(workers)
    while waiting:
        for folder in waiting:
            warm = warmup if not counts[folder] else 1
            samples = workers[folder].ask(action="time", queries=turn, warmup=warm, **size)
            tell(samples, "samples", {"bundle": folder.name, "runtime": runtime, **size})
            if "reason" in samples:
                alive.pop(folder).close()
            counts[folder] += turn
            spent[folder] += sum(samples.get("nanoseconds", []))
        waiting = [
            folder
            for folder in alive
            if counts[folder] < queries or (spent[folder] < 1e9 * seconds and counts[folder] < MOST * queries)
        ]
    return alive


def main():
    """Read the command line, then check and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the host and measure nothing")
    parser.add_argument("--bundles", nargs="+", type=Path, default=[FOLDER], help="folders of models")
    parser.add_argument("--runtimes", nargs="+", choices=RUNTIMES, default=list(RUNTIMES))
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 10], help="clips in a query")
    parser.add_argument("--frames", type=int, default=0, help="frames of a clip; 0: as trained")
    parser.add_argument("--queries", type=int, default=1024, help="at least")
    parser.add_argument("--seconds", type=float, default=60, help="at least, of a bundle, a runtime and a batch size")
    parser.add_argument("--warmup", type=int, default=50, help="queries before the first that counts")
    parser.add_argument("--core", type=int, help="default: the first that this process may run on")
    parser.add_argument("--patience", type=float, default=300, help="seconds for a runtime to start and answer once")
    given = parser.parse_args()
    try:
        core = pin(given.core)
    except MissingCore as error:
        sys.exit(f"bench.py: {error}")
    before = describe_machine(core)
    say("machine", when="before", **before)
    agrees, here = check(given.bundles, given.runtimes, given.patience)
    if not given.check and agrees:
        sizes = {"frames": given.frames, "queries": given.queries, "seconds": given.seconds, "warmup": given.warmup}
        measure(here, given.batches, **sizes)
    after = describe_machine(core)
    say("machine", when="after", **after)
    if not agrees:
        sys.exit("bench.py: a runtime differs from the host, or fails; see the lines above. Nothing was measured.")
    if was_throttled(before, after):
        sys.exit("bench.py: this machine throttled while it measured. Cool it, give it a better supply, run it again.")
    return say("done")


if __name__ == "__main__":
    main()
