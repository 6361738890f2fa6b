"""Classify a video: print its label and the probability on one line.

    python3 predict.py clip.avi             needs ffmpeg and onnxruntime, for the CNN
    python3 predict.py features.npy         features [T, D] of T frames: all of the CNN, or only the kept ones
    python3 predict.py clip.avi --runtime c

Needs Python 3.9, numpy and the folder that it lies in. A name that starts with a dash is given as ./-name. The output
is UTF-8, whatever the locale says.
"""

import argparse
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # which Python leaves out where PYTHONSAFEPATH is set

from workers import supervise

if __name__ == "__main__":
    supervise()  # before anything is imported that may die of it

from runtimes import RUNTIMES, Bundle, MissingRuntime, open_session

import numpy as np
from frames import UnreadableVideo, preprocess, sample_frames

FOLDER = Path(__file__).parent


class BadInput(Exception):
    """An input file is wrong; the text says what is expected."""


def predict(bundle, path, runtime, ffmpeg):
    """Label and probability of a video or of a .npy file of features."""
    arrays = path.suffix.lower() == ".npy"
    features = read_features(bundle, path) if arrays else encode_video(bundle, path, ffmpeg)
    logits = RUNTIMES[runtime](bundle).classify(keep_inputs(bundle, features)[None])[0].astype(np.float64)
    probabilities = np.exp(logits - logits.max())
    probabilities /= probabilities.sum()
    return bundle.facts["classes"][int(logits.argmax())], float(probabilities.max())


def encode_video(bundle, path, ffmpeg):
    """Return the features [T, D] of a video by the bundle's CNN. Raises BadInput or UnreadableVideo."""
    if not (bundle.folder / "cnn.onnx").exists():
        raise BadInput(f"{bundle.folder} has no cnn.onnx: this model reads features; give a .npy file")
    if not path.is_file():
        raise BadInput(f"{path} is not a file")
    frames = preprocess(sample_frames(path, bundle.facts["sampling"], ffmpeg), bundle.facts["cnn"])
    return encode(open_session(bundle.folder / "cnn.onnx"), frames)


def encode(session, images):
    """Return features [T, D] of the CNN's input [T, 3, h, w]; one frame at a time, to save memory."""
    return np.concatenate([session.run(None, {"images": image[None]})[0] for image in images])


def read_features(bundle, path):
    """Read features [T, D] from a .npy file. Raises BadInput for anything else."""
    try:
        features = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError, zipfile.BadZipFile) as error:
        raise BadInput(f"{path} is not a readable .npy file of numbers: {error}") from error
    if not isinstance(features, np.ndarray):
        raise BadInput(f"{path} holds several arrays, as a .npz file does; give the one of the features, as .npy")
    widths = sorted({bundle.facts["features"], len(bundle.facts["inputs"])})
    if features.ndim != 2 or not len(features) or features.shape[1] not in widths or features.dtype.kind != "f":
        raise BadInput(
            f"{path} holds {features.dtype} {list(features.shape)}; it must hold floats [T, D], where D is "
            f"{' or '.join(map(str, widths))}"
        )
    return features


def keep_inputs(bundle, features):
    """The inputs that the model reads, of all or of already kept features [T, D], as float32."""
    kept = features if features.shape[1] == len(bundle.facts["inputs"]) else features[:, bundle.facts["inputs"]]
    with np.errstate(over="ignore"):
        kept = np.ascontiguousarray(kept, np.float32)
    wrong = np.argwhere(~np.isfinite(kept))
    if len(wrong):
        raise BadInput(
            f"{len(wrong)} of the {kept.size} features that the model reads are not finite as float32, first in frame "
            f"{wrong[0][0]}: they cannot be classified. Compute them again"
        )
    return kept


def main():
    """Read the command line and print the prediction."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="a video, or a .npy of features")
    parser.add_argument("--runtime", choices=RUNTIMES, default="numpy", help="of the recurrent part")
    parser.add_argument("--ffmpeg", default="ffmpeg", help="the program that decodes")
    given = parser.parse_args()
    try:
        label, probability = predict(Bundle(FOLDER), given.file, given.runtime, given.ffmpeg)
    except (BadInput, MissingRuntime, UnreadableVideo) as error:
        sys.exit(f"predict.py: {error}")
    sys.stdout.buffer.write(f"{one_line(label)}\t{probability:.4f}\n".encode())


def one_line(label):
    """The label without line ends and tabs, which would part the output elsewhere."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in label)


if __name__ == "__main__":
    main()
