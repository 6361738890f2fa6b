"""Pass the sampled frames of one shard of clips through a CNN trunk."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float16
from torch import Tensor, nn
from tqdm import tqdm

from vibhar.cnn import build_trunk, preprocessing
from vibhar.decoding_pool import load_frames
from vibhar.device import best_device
from vibhar.errors import InputError
from vibhar.files import complete
from vibhar.stages import Settings, run

FRAMES_AT_ONCE = 32  # bounds the memory of the trunk's activations


def extract_features(*, frames: Path, decoded: Path, trunk: Path, features: Path, settings: Settings) -> None:
    """Write float16 features [clip, view, frame, dim] of the shard's readable clips, in the order of `decoded`.

    `settings`: backbone, precision, size.
    """
    backbone, precision = settings["backbone"], getattr(torch, settings["precision"])
    device = best_device()
    network = build_trunk(backbone, str(trunk)).to(device).to(precision).to(memory_format=torch.channels_last)
    preprocess = preprocessing(backbone, settings["size"])
    clips = pd.read_parquet(decoded).query("status == 'ok'")
    progress = tqdm(clips["frames_file"], unit="clip", mininterval=5)
    shard = [encode_clip(network, preprocess, frames / file, device, precision) for file in progress]
    array = np.stack(shard) if shard else np.empty((0, 0, 0, 0), np.float16)
    if not np.isfinite(array).all():
        raise InputError(
            f"The trunk {trunk} gives features beyond float16's range. Use weights that it was trained to."
        )
    with complete(features) as temporary, temporary.open("wb") as stream:
        np.save(stream, array)


@torch.inference_mode()
def encode_clip(
    network: nn.Module, preprocess: Callable[[Tensor], Tensor], file: Path, device: torch.device, precision: torch.dtype
) -> Float16[np.ndarray, "V T D"]:
    """Features of one clip; a frame that several views share is encoded once."""
    sampled = load_frames(file)
    encoded = []
    for images in torch.from_numpy(sampled.pixels).permute(0, 3, 1, 2).split(FRAMES_AT_ONCE):
        batch = preprocess(images).to(device, precision, memory_format=torch.channels_last)
        encoded.append(network(batch).half().cpu())
    return torch.cat(encoded).numpy()[sampled.order]


if __name__ == "__main__":
    run(extract_features)
