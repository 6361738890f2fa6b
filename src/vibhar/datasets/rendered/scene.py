"""The scene of a rendered clip: a group's backdrop, light and camera, and the camera's path in one clip."""

from dataclasses import dataclass

import cv2
import numpy as np

from vibhar.datasets.rendered.figure import Colour

Size = tuple[int, int]


@dataclass(frozen=True)
class Scene:
    """The backdrop, light and camera that all clips of a group share.

    `horizon` is a share of the height from the top; `shake` is relative; `gain` multiplies the light; `grain` is the
    sensor's noise in grey levels; `blur`, of the lens in pixels, and `depth`, of the backdrop in heights, are sigmas.
    """

    seed: int
    wall: Colour
    ground: Colour
    detail: Colour
    horizon: float
    shake: float
    gain: float
    grain: float
    blur: float
    depth: float


def draw_scene(rng: np.random.Generator) -> Scene:
    """Draw a group's scene at random."""
    seed = int(rng.integers(2**32))
    wall, ground, detail = (colour(rng, (0.0, 0.5), (0.3, 0.9)) for _ in range(3))
    ranges = ((0.45, 0.7), (0.2, 1.2), (0.75, 1.15), (0.0, 4.0), (0.2, 0.9), (0.004, 0.02))
    return Scene(seed, wall, ground, detail, *(float(rng.uniform(*bounds)) for bounds in ranges))


def colour(rng: np.random.Generator, saturation: tuple[float, float], value: tuple[float, float]) -> Colour:
    """Draw a BGR colour of any hue."""
    hsv = np.array([[[rng.uniform(0, 180), 255 * rng.uniform(*saturation), 255 * rng.uniform(*value)]]], np.uint8)
    blue, green, red = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0].tolist()
    return blue, green, red


def backdrop(scene: Scene, height: int, width: int) -> np.ndarray:
    """Return a scene's wall, ground and clutter, uint8 [height, width, 3]; the same for every clip of the group."""
    rng = np.random.default_rng(scene.seed)
    wall = np.arange(height)[:, None] < height * (scene.horizon + 0.1 * _clouds(rng, 1, width) - 0.05)
    image: np.ndarray = np.where(wall[..., None], scene.wall, scene.ground).astype(np.float32)
    for _ in range(rng.integers(6, 20)):
        x, y = rng.uniform((0, 0.1), (1, 0.7)) * (width, height)
        right, bottom = (x, y) + rng.uniform(0.02, 0.25, 2) * (width, height)
        cv2.rectangle(image, (int(x), int(y)), (int(right), int(bottom)), colour(rng, (0.0, 0.5), (0.3, 0.8)), -1)
    image = image + 0.5 * _clouds(rng, height, width)[..., None] * (scene.detail - image)
    image = image * (0.7 + 0.6 * _clouds(rng, height, width)[..., None])
    return cv2.GaussianBlur(image, (0, 0), scene.depth * height).clip(0, 255).astype(np.uint8)


def wobble(rng: np.random.Generator, frames: int) -> np.ndarray:
    """Return smooth noise of about unit amplitude, [frames], that looks the same forwards and backwards."""
    cycles, phases = rng.uniform(0.3, 3.0, 3), rng.uniform(0, 1, 3)
    return np.cos(2 * np.pi * (np.outer(np.linspace(0, 1, frames), cycles) + phases)).sum(1) / 2


def camera_path(rng: np.random.Generator, frames: int, size: Size, shake: float) -> np.ndarray:
    """Return the camera's motion in pixels about the image centre, [frames, 3, 3]: pan, zoom, roll and shake.

    Every direction is as likely as its opposite, so that the camera does not tell a motion from its reversal.
    """
    time = np.linspace(-1, 1, frames)
    zoom = np.exp(0.13 * rng.normal() * time + 0.01 * shake * wobble(rng, frames))
    roll = 0.03 * rng.normal() + 0.02 * rng.normal() * time + 0.01 * shake * wobble(rng, frames)
    pans = [0.03 * rng.normal() * time + 0.012 * shake * wobble(rng, frames) for _ in range(2)]
    turn = zoom * np.exp(1j * roll)
    path = np.zeros((frames, 3, 3))
    path[:, 0, 0], path[:, 0, 1], path[:, 1, 0], path[:, 1, 1] = turn.real, -turn.imag, turn.imag, turn.real
    path[:, :2, 2] = np.stack(pans, 1) * size
    path[:, 2, 2] = 1
    centre = shift(size[0] / 2, size[1] / 2)
    return centre @ path @ np.linalg.inv(centre)


def shift(x: float, y: float) -> np.ndarray:
    """Return a translation, [3, 3]."""
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], float)


def _clouds(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Return fractal noise between 0 and 1, float32 [height, width]."""
    octaves = [rng.random((min(n, height), n), np.float32) for n in (3, 6, 12, 24, 48)]
    layers = [cv2.resize(octave, (width, height), interpolation=cv2.INTER_CUBIC) for octave in octaves]
    return np.clip(np.average(layers, axis=0, weights=(4, 3, 2, 2, 1)) * 1.6 - 0.3, 0, 1).astype(np.float32)
