"""Run one bundle in one runtime, in a separate process that answers the requests of bench.py.

A question is a line of JSON on standard input; its answer is one on standard output.
"""

import json
import os
import sys

from runtimes import RUNTIMES, Bundle, MissingRuntime, peak_memory, time_queries

TOLERANCE = 1e-5  # of logits, relative where they are large


def compare_with_host(bundle, runtime, question):
    """The largest difference from the host's logits on the reference clips; of int8 it is only told."""
    reference = bundle.arrays("reference")
    difference = float(abs(runtime.classify(reference["features"]) - reference["logits"]).max())
    limit = TOLERANCE * max(1.0, float(abs(reference["logits"]).max()))
    exact = question["runtime"] != "onnxruntime-int8"
    agrees = difference <= limit or not exact
    return {"version": runtime.version, "largest_difference": difference, "agrees": agrees, "exact": exact}


def time_runtime(bundle, runtime, question):
    """Nanoseconds of queries on the reference clips, repeated to the batch and the frames that are asked for."""
    features = bundle.arrays("reference")["features"]
    clips, frames = question["batch"], question["frames"] or features.shape[1]
    features = features[[clip % len(features) for clip in range(clips)]]
    features = features[:, [frame % features.shape[1] for frame in range(frames)]].copy()
    return {"nanoseconds": time_queries(runtime, features, question["queries"], question["warmup"])}


ACTIONS = {
    "compare": compare_with_host,
    "time": time_runtime,
    "memory": lambda bundle, runtime, question: {"bytes": peak_memory(runtime)},
}


def main(folder, name):
    """Answer until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    bundle, runtime = Bundle(folder), None
    for line in sys.stdin:
        question = json.loads(line)
        try:
            runtime = runtime or RUNTIMES[name](bundle)
            answer = ACTIONS[question["action"]](bundle, runtime, question)
        except MissingRuntime as error:
            answer = {"reason": str(error)}
        print(json.dumps(answer), file=answers, flush=True)
