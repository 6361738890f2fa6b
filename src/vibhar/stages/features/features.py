"""Stage: extract CNN features from the sampled frames or the flow of one shard of clips."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Float16, UInt8
from torch import Tensor, nn
from tqdm import tqdm

from vibhar.device import best_device
from vibhar.errors import InputError
from vibhar.features.cnn import build_trunk, preprocessing
from vibhar.features.crops import crop, draw_crops
from vibhar.files.arrays import new_array, save_array
from vibhar.files.checked_arrays import open_array
from vibhar.stages.command import Settings, run
from vibhar.training.resuming import unfinished
from vibhar.videos.flow import flip, flow_image
from vibhar.videos.pool import load_frames
from vibhar.videos.sampling import clip_seed
from vibhar.workflow.provenance import work_identity

PICTURES_AT_ONCE = 32  # bounds the memory of the trunk's activations


def extract_features(*, pictures: Path, decoded: Path, trunk: Path, features: Path, settings: Settings) -> None:
    """Write float16 features [clip, view, crop, frame, dim] of the shard's readable clips, in the order of `decoded`.

    `pictures` is the folder of the sampled frames, or of the flow at them. The random crops depend on the clip's name
    and the seed. `settings`: backbone, precision, size, modality, flow_input, channels, crops, flips, seed.
    """
    precision, device = getattr(torch, settings["precision"]), best_device()
    network = build_trunk(settings["backbone"], str(trunk), channels=settings["channels"])
    network = network.to(device).to(precision).to(memory_format=torch.channels_last)
    clips = pd.read_parquet(decoded).query("status == 'ok'")
    begun = unfinished(features, work_identity())
    for clip, file in tqdm(zip(clips["clip"], clips["frames_file"], strict=True), total=len(clips), mininterval=5):
        finished = begun / f"{file}.npy"
        if not finished.exists():
            taken = load_frames(pictures / file)
            images = torch.from_numpy(taken.pixels).permute(0, 3, 1, 2)
            crops = [encode(network, view, device, precision) for view in views_of(images, clip, settings)]
            save_array(np.stack([encoded[taken.order] for encoded in crops], axis=1), finished)
    join([begun / f"{file}.npy" for file in clips["frames_file"]], features, trunk)
    shutil.rmtree(begun)


def join(clips: list[Path], shard: Path, trunk: Path) -> None:
    """Write the features of some clips to one file. Raises InputError if a float16 cannot hold one."""
    shape = open_array(clips[0]).shape if clips else (0, 0, 0, 0)
    with new_array(shard, (len(clips), *shape)) as joined:
        for row, clip in enumerate(clips):
            features = np.stack([*open_array(clip).rows()])
            if not np.isfinite(features).all():
                raise InputError(
                    f"The trunk {trunk} gives features beyond float16's range. Use weights that it was trained to."
                )
            joined[row] = features


def views_of(images: UInt8[Tensor, "U C H W"], clip: str, settings: Settings) -> Iterator[Float[Tensor, "U c h w"]]:
    """Yield the preprocessed crops of a clip's frames or flow: the central crop, then the random ones."""
    is_flow = settings["modality"] == "flow"
    show = flow_image if is_flow and settings["flow_input"] == "image" else lambda pictures: pictures
    mirror = flip if is_flow else lambda pictures: pictures.flip(-1)
    preset = preprocessing(settings["backbone"], settings["size"], settings["channels"])
    yield preset(show(images))
    for draw in draw_crops(settings["crops"], settings["flips"], clip_seed(clip, settings["seed"])):
        yield crop(show(mirror(images) if draw.mirrored else images), preset, draw)


@torch.inference_mode()
def encode(
    network: nn.Module, images: Float[Tensor, "U c h w"], device: torch.device, precision: torch.dtype
) -> Float16[np.ndarray, "U D"]:
    """Return the features of pictures as float16; they are passed through the network in small batches."""
    parts = images.split(PICTURES_AT_ONCE)
    batches = (part.to(device, precision, memory_format=torch.channels_last) for part in parts)
    return torch.cat([network(batch).half().cpu() for batch in batches]).numpy()


if __name__ == "__main__":
    run(extract_features)
