"""Measure time and peak memory from a video to its label: decoding, CNN, recurrent part.

    python3 pipeline.py --video clip.avi --bundles ../naive ../vib --runtime onnxruntime

Each part runs several times, in a separate process on one core. Every line of the output is a JSON object.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # which Python leaves out where PYTHONSAFEPATH is set

from runtimes import RUNTIMES, Bundle, MissingRuntime, open_session, peak_memory

import numpy as np
from frames import UnreadableVideo, preprocess, sample_frames, version_of
from machine import MissingCore, pin
from predict import BadInput, encode, keep_inputs
from workers import describe_ending


def decode_part(bundle, given, folder):
    """Return the function for the first part: decode a video to the CNN's input [T, 3, h, w]."""
    return lambda: preprocess(sample_frames(given.video, bundle.facts["sampling"], given.ffmpeg), bundle.facts["cnn"])


def cnn_part(bundle, given, folder):
    """Return the function for the second part: from the CNN's input to features [T, D]."""
    session, images = open_session(bundle.folder / "cnn.onnx"), np.load(folder / "decode.npy")
    return lambda: encode(session, images)


def recurrent_part(bundle, given, folder):
    """Return the function for the third part: from features to logits [1, C]."""
    runtime, features = RUNTIMES[given.runtime](bundle), keep_inputs(bundle, np.load(folder / "cnn.npy"))[None]
    return lambda: runtime.classify(features)


PARTS = {"decode": decode_part, "cnn": cnn_part, "recurrent": recurrent_part}


def time_part(part, bundle, given, folder):
    """Print the nanoseconds of each repetition and the peak memory; save the result for the next part."""
    compute = PARTS[part](bundle, given, folder)
    np.save(folder / f"{part}.npy", compute())
    samples = []
    for _ in range(given.repeat):
        start = time.perf_counter_ns()
        compute()
        samples.append(time.perf_counter_ns() - start)
    of_ffmpeg = 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    facts = {"nanoseconds": samples, "bytes": max(peak_memory(None), of_ffmpeg)}
    facts |= {"ffmpeg": version_of(given.ffmpeg)} if part == "decode" else {}
    print(json.dumps({"event": "part", "bundle": bundle.folder.name, "part": part, **facts}))


def run_parts(given):
    """Run the parts in order: decoding and CNN once, the recurrent part for every bundle."""
    with tempfile.TemporaryDirectory(prefix="pipeline-") as folder:
        for part in PARTS:
            for bundle in given.bundles if part == "recurrent" else given.bundles[:1]:
                command = [sys.executable, *sys.argv, "--part", part, str(bundle), folder]
                status = subprocess.run(command).returncode
                if status:
                    sys.exit(f"pipeline.py: the part {part} of {bundle} {describe_ending(status)}; see above")


def main():
    """Read the command line, then run all parts, or the one that is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--video", type=Path, required=True)
    parser.add_argument(
        "--bundles", nargs="+", type=Path, required=True, help="folders of models; the first's CNN runs"
    )
    parser.add_argument("--runtime", choices=RUNTIMES, default="onnxruntime", help="of the recurrent part")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--core", type=int, help="default: the first that this process may run on")
    parser.add_argument("--ffmpeg", default="ffmpeg", help="the program that decodes")
    parser.add_argument("--part", nargs=3, metavar=("PART", "BUNDLE", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    try:
        pin(given.core)
        if not given.part:
            return run_parts(given)
        part, bundle, folder = given.part
        return time_part(part, Bundle(bundle), given, Path(folder))
    except (BadInput, MissingCore, MissingRuntime, UnreadableVideo, OSError) as error:
        sys.exit(f"pipeline.py: {error}")


if __name__ == "__main__":
    main()
