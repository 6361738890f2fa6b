"""What share of the way from a video to its label is the recurrent part, before and after compression.

    .venv/bin/python benchmarks/pipeline.py                     Inception_v3 and EfficientNet-b1, 8 frames of 320 x 240

Each CNN comes before its naive LSTM, of 2048 hidden units, and the compressed one of 49 inputs and 9 units, all with
random weights, in onnxruntime on one core of this machine (`pipeline.py` of a bundle).
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import defopt
import imageio_ffmpeg
import numpy as np
import pandas as pd
import torch
from safetensors.torch import save_file
from torch import nn

from vibhar.edge.bundle import write_bundle
from vibhar.edge.cnn_file import write_cnn
from vibhar.edge.dense import densify
from vibhar.edge.summary import summarise_parts
from vibhar.features.cnn import BACKBONES, build_trunk
from vibhar.models.classifier import RecurrentClassifier

CLASSES, FRAMES, HIDDEN = 11, 8, 2048
COMPRESSED = (49, 9)


def measure(
    *,
    backbones: list[str] = ["inception_v3", "efficientnet_b1"],  # noqa: B006 (the default of a command line)
    repeat: int = 5,
    core: int | None = None,
) -> None:
    """Print a table for each CNN."""
    with tempfile.TemporaryDirectory() as folder:
        video = draw_video(Path(folder, "clip.avi"))
        for backbone in backbones:
            bundles = write_bundles(Path(folder, backbone), backbone)
            command = [sys.executable, f"{bundles[0]}/pipeline.py", "--video", str(video)]
            command += ["--ffmpeg", imageio_ffmpeg.get_ffmpeg_exe(), "--repeat", str(repeat)]
            command += [] if core is None else ["--core", str(core)]
            done = subprocess.run([*command, "--bundles", *map(str, bundles)], stdout=subprocess.PIPE, check=True)
            parts = summarise_parts([json.loads(line) for line in done.stdout.splitlines()])
            print(f"{backbone}\n{pd.DataFrame(parts).to_markdown(index=False)}\n", flush=True)


def draw_video(path: Path) -> Path:
    """A clip of noise, 100 frames long."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"XVID"), 25, (320, 240))
    for frame in np.random.default_rng(0).integers(0, 256, (100, 24, 32, 3)).astype(np.uint8):
        writer.write(cv2.resize(frame, (320, 240)))
    writer.release()
    return path


def write_bundles(folder: Path, backbone: str) -> list[Path]:
    """The naive bundle, which has the CNN, and the compressed one."""
    torch.manual_seed(0)
    features = BACKBONES[backbone].dim
    folder.mkdir()
    save_file(build_trunk(backbone, "random").state_dict(), folder / "trunk.safetensors")
    sizes = {"naive": (features, HIDDEN), "vib": COMPRESSED}
    for name, (inputs, hidden) in sizes.items():
        (folder / name).mkdir()
        facts = write_cnn(backbone, folder / "trunk.safetensors", folder / name / "cnn.onnx")
        chosen = None if inputs == features else torch.arange(inputs)
        recurrent, head = nn.LSTM(inputs, hidden, batch_first=True), nn.Linear(hidden, CLASSES)
        dense = densify(RecurrentClassifier(recurrent, head, readout="last", inputs=chosen), features)
        said = {"classes": list(map(str, range(CLASSES))), "features": features, "cnn": facts}
        said |= {"sampling": {"strategy": "segment", "frames": FRAMES}}
        write_bundle(dense, folder / name, reference=torch.rand(1, FRAMES, features), facts=said)
    return [folder / name for name in sizes]


if __name__ == "__main__":
    defopt.run(measure)
