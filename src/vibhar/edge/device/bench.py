"""Measure the latency of bundles on one core, or --check that every runtime here agrees with the host.

    python3 bench.py --check
    python3 bench.py --bundles ../naive ../vib --runtimes onnxruntime numpy c --batches 1 10

This is MLPerf's single-stream scenario: a query starts when the last one has ended. There are at least --queries
queries, and they last at least --seconds. The bundles take turns, so that a processor that warms up affects all of them
alike. Each bundle runs in a separate process in each runtime, so that its peak memory can be measured. Every line of
the output is a JSON object, and all samples are printed.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from machine import describe_machine, pin, was_throttled
from runtimes import RUNTIMES, Bundle, MissingRuntime, peak_memory, time_queries

FOLDER = Path(__file__).parent
TOLERANCE = 1e-5  # of logits; relative to the largest one if that is above 1
TURNS = 16
MOST = 100  # times --queries at most: at microseconds a query, --seconds of samples would fill the SD card


def say(event, **facts):
    """Print an event as one line of JSON."""
    print(json.dumps({"event": event, **facts}), flush=True)


def check(bundles, runtimes):
    """Return whether all installed runtimes reproduce the host's logits of the reference clips; print the result."""
    agreements = []
    for folder in bundles:
        for name in runtimes:
            try:
                answer = compare_with_host(Bundle(folder), name)
                say("agreement", bundle=folder.name, runtime=name, **answer)
                agreements.append(answer["agrees"])
            except MissingRuntime as error:
                say("missing", bundle=folder.name, runtime=name, reason=str(error))
    return all(agreements)


def compare_with_host(bundle, name):
    """Compare a runtime with the host's logits on the reference clips; int8 may differ by any amount."""
    runtime, reference = RUNTIMES[name](bundle), bundle.arrays("reference")
    difference = float(abs(runtime.classify(reference["features"]) - reference["logits"]).max())
    limit = TOLERANCE * max(1.0, float(abs(reference["logits"]).max()))
    exact = name != "onnxruntime-int8"
    agrees = difference <= limit or not exact
    return {"version": runtime.version, "largest_difference": difference, "agrees": agrees, "exact": exact}


def measure(bundles, runtimes, batches, *, frames, queries, seconds, warmup):
    """Print the samples of every bundle in every runtime at every batch size."""
    for runtime in runtimes:
        workers = {folder: Worker(folder, runtime) for folder in bundles}
        ready = {folder: worker for folder, worker in workers.items() if "reason" not in worker.ask(action="start")}
        for batch in batches:
            time_in_turns(ready, runtime, {"batch": batch, "frames": frames}, queries, seconds, warmup)
        for folder, worker in workers.items():
            if folder in ready:
                say("memory", bundle=folder.name, runtime=runtime, **worker.ask(action="memory"))
            worker.close()


def time_in_turns(workers, runtime, size, queries, seconds, warmup):
    """Time the bundles in turns until each has run for enough queries and seconds."""
    counts, spent = dict.fromkeys(workers, 0), dict.fromkeys(workers, 0)
    turn = -(-queries // TURNS)
    open_workers = dict(workers)
    while open_workers:
        for folder, worker in open_workers.items():
            samples = worker.ask(action="time", queries=turn, warmup=warmup if not counts[folder] else 1, **size)
            say("samples", bundle=folder.name, runtime=runtime, **size, **samples)
            counts[folder] += turn
            spent[folder] += sum(samples["nanoseconds"])
        open_workers = {
            folder: worker
            for folder, worker in open_workers.items()
            if counts[folder] < queries or (spent[folder] < 1e9 * seconds and counts[folder] < MOST * queries)
        }


class Worker:
    """A process that runs one bundle in one runtime and answers requests, one line of JSON each."""

    def __init__(self, folder, runtime):
        self.name = f"{folder.name} in {runtime}"
        command = [sys.executable, __file__, "--worker", str(folder), runtime]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answers = iter(self.process.stdout or ())

    def ask(self, **question):
        """Send a request and return the answer. Exits if the process has ended, most likely for lack of memory."""
        print(json.dumps(question), file=self.process.stdin, flush=True)
        answer = next(self.answers, None)
        if answer is None:
            sys.exit(f"bench.py: {self.name} ended with status {self.process.wait()}; is there enough memory?")
        return json.loads(answer)

    def close(self):
        """End the process."""
        self.process.communicate()


def work(folder, name):
    """Answer the requests of the process that started this one."""
    bundle, runtime, missing = Bundle(folder), None, None
    try:
        runtime = RUNTIMES[name](bundle)
    except MissingRuntime as error:
        missing = {"reason": str(error)}
    for line in sys.stdin:
        question = json.loads(line)
        answer = missing or ACTIONS[question["action"]](bundle, runtime, question)
        print(json.dumps(answer), flush=True)


def time_runtime(bundle, runtime, question):
    """Return the nanoseconds of each query; the reference clips are repeated to the requested batch and frames."""
    features = bundle.arrays("reference")["features"]
    clips, frames = question["batch"], question["frames"] or features.shape[1]
    features = features[[clip % len(features) for clip in range(clips)]]
    features = features[:, [frame % features.shape[1] for frame in range(frames)]].copy()
    return {"nanoseconds": time_queries(runtime, features, question["queries"], question["warmup"])}


ACTIONS = {
    "start": lambda bundle, runtime, question: {"version": runtime.version},
    "time": time_runtime,
    "memory": lambda bundle, runtime, question: {"bytes": peak_memory(runtime)},
}


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
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--worker", nargs=2, metavar=("BUNDLE", "RUNTIME"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        return work(*given.worker)
    if fault := pin(given.core):
        sys.exit(f"bench.py: {fault}")
    before = describe_machine(given.core)
    say("machine", when="before", **before)
    agrees = check(given.bundles, given.runtimes)
    if not given.check and agrees:
        sizes = {"frames": given.frames, "queries": given.queries, "seconds": given.seconds, "warmup": given.warmup}
        measure(given.bundles, given.runtimes, given.batches, **sizes)
    after = describe_machine(given.core)
    say("machine", when="after", **after)
    if not agrees:
        sys.exit("bench.py: a runtime differs from the host; see the lines above. Nothing was measured.")
    if was_throttled(before, after):
        sys.exit("bench.py: this machine throttled while it measured. Cool it, give it a better supply, run it again.")
    return say("done")


if __name__ == "__main__":
    main()
