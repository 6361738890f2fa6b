"""Weights that need no download: a trunk learns to find the hips, hands and feet of rendered figures in single frames.

The frames are of people, scenes and cameras that no rendered dataset has; what the figures do is the same.

Dimensions: N frames, P = 10 coordinates of the five landmarks, A actions.
"""

from collections.abc import Iterator
from multiprocessing import get_context
from typing import NamedTuple

import cv2
import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, smooth_l1_loss
from torch.optim.lr_scheduler import OneCycleLR
from tqdm import tqdm

from vibhar.datasets.rendered.catalogue import HMDB51, UCF11, UCF101
from vibhar.datasets.rendered.clip import draw_look, render_with_landmarks
from vibhar.small_cnn import CROPPED, RESIZED

CLIPS, FRAMES_PER_CLIP, EPOCHS, BATCH = 1500, 4, 5, 128
LEARNING_RATE, WEIGHT_DECAY, ACTION_WEIGHT = 3e-3, 0.05, 0.3
SIZE = (160, 120)
STREAM = 0x706F7365  # a stream of random numbers apart from those of the datasets

# Time reversals show the same single frames: one action for both.
ACTIONS = list({motion.pose: motion for motion in [*UCF11.values(), *HMDB51.values(), *UCF101.values()]}.values())


class Examples(NamedTuple):
    """Frames with the landmarks in them, as shares of the frame, and the number of the action."""

    images: UInt8[Tensor, "N 3 72 72"]
    landmarks: Float[Tensor, "N 5 2"]
    actions: Int[Tensor, " N"]


def pretrain(trunk: nn.Module, dim: int, *, seed: int, workers: int) -> None:
    """Train `trunk`, whose features have `dim` dimensions, in place."""
    examples = draw_examples(seed, workers)
    torch.manual_seed(seed)
    heads = nn.Linear(dim, 10 + len(ACTIONS))
    parameters = [*trunk.parameters(), *heads.parameters()]
    steps = EPOCHS * (len(examples.actions) // BATCH)
    optimizer = torch.optim.AdamW(parameters, LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    scheduler = OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    trunk.train().requires_grad_(True)
    for images, landmarks, actions in tqdm(cropped_batches(examples), total=steps, mininterval=5):
        predicted = heads(trunk(images))
        where = smooth_l1_loss(predicted[:, :10], landmarks.flatten(1))
        loss = where + ACTION_WEIGHT * cross_entropy(predicted[:, 10:], actions)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    trunk.eval().requires_grad_(False)


def draw_examples(seed: int, workers: int) -> Examples:
    """Render the frames in `workers` processes; what they show depends on the seed alone."""
    with get_context("spawn").Pool(workers) as pool:
        clips = pool.map(draw_clip, [(seed, clip) for clip in range(CLIPS)], chunksize=25)
    images, landmarks, actions = (np.concatenate(part) for part in zip(*clips, strict=True))
    return Examples(
        torch.from_numpy(images).permute(0, 3, 1, 2), torch.from_numpy(landmarks).float(), torch.from_numpy(actions)
    )


def draw_clip(number: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Some frames of a new person in a new scene: RGB [n, 72, 72, 3], landmarks [n, 5, 2], action [n]."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng([STREAM, *number])
    action = int(rng.integers(len(ACTIONS)))
    look = draw_look(rng)
    frames = list(render_with_landmarks(ACTIONS[action], look, SIZE, FRAMES_PER_CLIP, rng))
    width, side = RESIZED * SIZE[0] // SIZE[1], (RESIZED * SIZE[0] // SIZE[1] - RESIZED) // 2
    small = [cv2.resize(image, (width, RESIZED), interpolation=cv2.INTER_AREA) for image, _ in frames]
    images = np.stack([image[:, side : side + RESIZED, ::-1] for image in small])
    landmarks = np.stack([where for _, where in frames])
    landmarks[..., 0] = (landmarks[..., 0] * width - side) / RESIZED
    return images, landmarks, np.full(len(frames), action)


def cropped_batches(examples: Examples) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Batches of all epochs: random crops, normalised as for ImageNet, with landmarks centred and scaled to about 1."""
    mean, std = torch.tensor([0.485, 0.456, 0.406])[:, None, None], torch.tensor([0.229, 0.224, 0.225])[:, None, None]
    for _ in range(EPOCHS):
        order = torch.randperm(len(examples.actions))
        for chosen in order[: len(order) // BATCH * BATCH].split(BATCH):
            x, y = torch.randint(RESIZED - CROPPED + 1, (2,)).tolist()
            images = examples.images[chosen, :, y : y + CROPPED, x : x + CROPPED].float() / 255
            landmarks = (examples.landmarks[chosen] * RESIZED - torch.tensor([x, y])) / CROPPED
            yield (images - mean) / std, 4 * (landmarks - 0.5), examples.actions[chosen]
