"""Pretrain a trunk on rendered figures, without any download: it predicts hips, hands and feet.

From a single frame the trunk predicts their positions; from optical flow, how fast they move. The people, scenes and
cameras of these clips occur in no rendered dataset; the actions are the same.

Dimensions: N frames, P = 10 coordinates of the five landmarks, A actions.
"""

from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import get_context
from typing import Any, NamedTuple

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
from vibhar.features.small_cnn import CROPPED, RESIZED
from vibhar.videos.flow import flow_image, flow_of_pairs, resize_frames

CLIPS, FRAMES_PER_CLIP, EPOCHS, BATCH = 1500, 4, 5, 128
LEARNING_RATE, WEIGHT_DECAY, ACTION_WEIGHT = 3e-3, 0.05, 0.3
SIZE = (160, 120)
WIDTH = RESIZED * SIZE[0] // SIZE[1]
SIDE = (WIDTH - RESIZED) // 2
STREAM = 0x706F7365  # random seed, different from those of the datasets

Drawn = tuple[np.ndarray, np.ndarray, np.ndarray]  # pictures, landmarks, actions

# An action and its time reversal have the same single frames, so they count as one action.
MOTIONS = [*UCF11.values(), *HMDB51.values(), *UCF101.values()]
ACTIONS = list({motion.pose: motion for motion in MOTIONS}.values())


FLOW_ACTIONS = list({(motion.pose, motion.backwards): motion for motion in MOTIONS}.values())
FLOW_CLIPS, FLOW_FRAMES = 500, 32  # fewer clips, as flow is slow; clips of usual length and speed


class Examples(NamedTuple):
    """Training examples: pictures, landmarks (hips, hands, feet) and the number of the action.

    Landmarks are positions as shares of the frame's sides; for flow, their motion to the next frame, in pixels of the
    picture.
    """

    images: UInt8[Tensor, "N 3 72 72"]
    landmarks: Float[Tensor, "N 5 2"]
    actions: Int[Tensor, " N"]


def pretrain(trunk: nn.Module, dim: int, *, seed: int, workers: int, flow: dict[str, Any] | None = None) -> None:
    """Train `trunk`, which returns `dim` features, in place: on frames, or with `flow` settings on optical flow."""
    draw, clips, kinds = draw_clip, CLIPS, len(ACTIONS)
    if flow is not None:
        draw, clips, kinds = partial(draw_flow, flow=flow), FLOW_CLIPS, len(FLOW_ACTIONS)
    examples = draw_examples(draw, clips, seed, workers)
    torch.manual_seed(seed)
    heads = nn.Linear(dim, 10 + kinds)
    parameters = [*trunk.parameters(), *heads.parameters()]
    epochs = EPOCHS * CLIPS // clips
    steps = epochs * (len(examples.actions) // BATCH)
    optimizer = torch.optim.AdamW(parameters, LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    scheduler = OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    trunk.train().requires_grad_(True)
    batches = cropped_batches(examples, epochs, moving=flow is not None)
    for images, landmarks, actions in tqdm(batches, total=steps, mininterval=5):
        predicted = heads(trunk(images))
        where = smooth_l1_loss(predicted[:, :10], landmarks.flatten(1))
        loss = where + ACTION_WEIGHT * cross_entropy(predicted[:, 10:], actions)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    trunk.eval().requires_grad_(False)


def draw_examples(draw: Callable[[tuple[int, int]], Drawn], clips: int, seed: int, workers: int) -> Examples:
    """Render the clips in `workers` processes; the examples depend only on the random seed."""
    with get_context("spawn").Pool(workers) as pool:
        drawn = pool.map(draw, [(seed, clip) for clip in range(clips)], chunksize=25)
    images, landmarks, actions = (np.concatenate(part) for part in zip(*drawn, strict=True))
    return Examples(
        torch.from_numpy(images).permute(0, 3, 1, 2), torch.from_numpy(landmarks).float(), torch.from_numpy(actions)
    )


def draw_clip(number: tuple[int, int]) -> Drawn:
    """Draw frames of a random person in a random scene: RGB [n, 72, 72, 3], landmarks [n, 5, 2], action [n]."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng([STREAM, *number])
    action = int(rng.integers(len(ACTIONS)))
    look = draw_look(rng)
    frames = list(render_with_landmarks(ACTIONS[action], look, SIZE, FRAMES_PER_CLIP, rng))
    images = np.stack([shrink(image)[..., ::-1] for image, _ in frames])
    landmarks = np.stack([where for _, where in frames])
    landmarks[..., 0] = (landmarks[..., 0] * WIDTH - SIDE) / RESIZED
    return images, landmarks, np.full(len(frames), action)


def draw_flow(number: tuple[int, int], *, flow: dict[str, Any]) -> Drawn:
    """Draw flow at n frames of a random clip: pictures [n, 72, 72, 3], landmark motion [n, 5, 2], action [n]."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng([STREAM, *number])
    action = int(rng.integers(len(FLOW_ACTIONS)))
    rendered = list(render_with_landmarks(FLOW_ACTIONS[action], draw_look(rng), SIZE, FLOW_FRAMES, rng))
    frames = resize_frames(np.stack([image[..., ::-1] for image, _ in rendered]), flow["short_side"])
    first = rng.choice(FLOW_FRAMES - 1, FRAMES_PER_CLIP, replace=False)
    chosen = {key: flow[key] for key in ("backend", "bound", "parameters")}
    quantised = flow_of_pairs(frames, np.stack([first, first + 1], axis=1), **chosen)
    pictures = flow_image(torch.from_numpy(quantised)).permute(0, 2, 3, 1).numpy()
    landmarks = np.stack([where for _, where in rendered]) * (WIDTH, RESIZED)
    return np.stack([*map(shrink, pictures)]), np.diff(landmarks, axis=0)[first], np.full(len(first), action)


def shrink(image: UInt8[np.ndarray, "H W 3"]) -> UInt8[np.ndarray, "72 72 3"]:
    """Shrink a picture to the height after the trunk's resizing, and crop its middle."""
    return cv2.resize(image, (WIDTH, RESIZED), interpolation=cv2.INTER_AREA)[:, SIDE : SIDE + RESIZED]


def cropped_batches(examples: Examples, epochs: int, *, moving: bool) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield the batches of all epochs: random crops, normalised as for ImageNet, and landmarks scaled to about 1."""
    mean, std = torch.tensor([0.485, 0.456, 0.406])[:, None, None], torch.tensor([0.229, 0.224, 0.225])[:, None, None]
    for _ in range(epochs):
        order = torch.randperm(len(examples.actions))
        for chosen in order[: len(order) // BATCH * BATCH].split(BATCH):
            x, y = torch.randint(RESIZED - CROPPED + 1, (2,)).tolist()
            images = examples.images[chosen, :, y : y + CROPPED, x : x + CROPPED].float() / 255
            landmarks = examples.landmarks[chosen]
            if not moving:
                landmarks = 4 * ((landmarks * RESIZED - torch.tensor([x, y])) / CROPPED - 0.5)
            yield (images - mean) / std, landmarks, examples.actions[chosen]
