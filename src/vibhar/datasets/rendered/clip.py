"""Render one clip frame by frame: the group's person performs the class's motion in the group's scene."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import cv2
import numpy as np

from vibhar.datasets.rendered.figure import Body, Colour, Pose, draw, strokes
from vibhar.datasets.rendered.scene import Scene, Size, backdrop, camera_path, colour, draw_scene, shift, wobble

SKIN = ((190, 215, 240), (140, 175, 225), (95, 135, 195), (60, 90, 150), (40, 60, 100))


class Motion(NamedTuple):
    """The motion of a class.

    `box` is the area that the action covers, (left, right, bottom, top) in body heights. An action runs `once` from 0
    to 1, or in cycles from a random phase below `start`. `backwards` shows the poses in reverse order. `mirrors` says
    that left and right may be exchanged.
    """

    pose: Callable[[float, Body], Pose]
    box: tuple[float, float, float, float]
    once: bool = False
    start: float = 1.0
    backwards: bool = False
    mirrors: bool = True


class Look(NamedTuple):
    """The person, the colours and the scene that all clips of a group share."""

    body: Body
    palette: dict[str, Colour]
    scene: Scene


def draw_look(rng: np.random.Generator) -> Look:
    """Draw a group's person, colours and scene at random."""
    sizes = Body(*(length * rng.uniform(0.92, 1.08) for length in Body()))
    body = sizes._replace(girth=sizes.girth * rng.uniform(0.85, 1.25))
    skin, bare_arms, bare_legs = SKIN[rng.integers(len(SKIN))], rng.random() < 0.5, rng.random() < 0.3
    palette = {"skin": skin, "metal": colour(rng, (0.0, 0.2), (0.3, 0.9)), "coat": colour(rng, (0.2, 0.6), (0.2, 0.8))}
    for name in ("shirt", "trousers", "shoes", "hair", "gear"):
        palette[name] = colour(rng, (0.1, 0.9), (0.15, 0.6) if name in ("hair", "shoes") else (0.25, 1.0))
    palette |= {"sleeve": skin if bare_arms else palette["shirt"], "shin": skin if bare_legs else palette["trousers"]}
    return Look(body, palette, draw_scene(rng))


def draw_poses(motion: Motion, body: Body, frames: int, rng: np.random.Generator) -> list[Pose]:
    """Return a clip's poses; a motion and its reversal take the same poses from the same random stream, in reverse."""
    lean, sway = 0.05 * wobble(rng, frames), 0.02 * (wobble(rng, frames) + 1j * wobble(rng, frames))
    reach = 0.03 * np.stack([wobble(rng, frames) + 1j * wobble(rng, frames) for _ in range(2)], 1)
    poses = [motion.pose(float(u), body) for u in _progress(motion, frames, rng)]
    poses = [
        pose._replace(lean=pose.lean + a, at=pose.at + b, hands=(pose.hands[0] + c[0], pose.hands[1] + c[1]))
        for pose, a, b, c in zip(poses, lean, sway, reach, strict=True)
    ]
    return poses[::-1] if motion.backwards else poses


def render(motion: Motion, look: Look, size: Size, frames: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield the BGR frames, uint8 [height, width, 3], of a clip; `size` is (width, height)."""
    return (image for image, _ in render_with_landmarks(motion, look, size, frames, rng))


def render_with_landmarks(
    motion: Motion, look: Look, size: Size, frames: int, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield each frame, and the positions of hips, hands and feet as shares of its width and height, float [5, 2]."""
    (width, height), scene = size, look.scene
    place, camera = _placement(motion, size, rng), camera_path(rng, frames, size, scene.shake)
    canvas = backdrop(scene, 3 * height // 2, 3 * width // 2)
    track = np.outer(np.linspace(-1, 1, frames), rng.normal(0, (0.1, 0.03))) + rng.uniform(-0.45, -0.05, 2)
    light = scene.gain * (1 + 0.05 * wobble(rng, frames))
    grain = rng.normal(0, scene.grain, (height + 16, width + 16, 1)).astype(np.int16).repeat(3, 2)
    for pose, view, offset, gain in zip(draw_poses(motion, look.body, frames, rng), camera, track, light, strict=True):
        ground = (view @ shift(*(offset * size)))[:2]
        image = cv2.warpAffine(canvas, ground, size, borderMode=cv2.BORDER_REFLECT_101)
        draw(image, strokes(pose, look.body), look.palette, view @ place)
        image = cv2.GaussianBlur(image, (0, 0), scene.blur)
        y, x = rng.integers(16, size=2)
        noise = grain[y : y + height, x : x + width]
        yield (
            cv2.add(cv2.convertScaleAbs(image, alpha=gain), noise, dtype=cv2.CV_8U),
            _landmarks(pose, view @ place) / size,
        )


def _landmarks(pose: Pose, to_pixels: np.ndarray) -> np.ndarray:
    """Return the pixel positions (x, y) of the hips, both hands and both feet, float [5, 2]."""
    points = np.array([pose.hip, *pose.hands, *pose.feet]) * pose.size + pose.at
    return (to_pixels @ np.stack([points.real, points.imag, np.ones(5)]))[:2].T


def _progress(motion: Motion, frames: int, rng: np.random.Generator) -> np.ndarray:
    """Return the action's progress, most of 0 to 1 with a rest at both ends, or its phase in cycles, [frames]."""
    if motion.once:
        (start, end), (first, last) = ((rng.uniform(0, 0.35), rng.uniform(0.65, 1)) for _ in range(2))
        u = ((np.linspace(0, 1, frames) - start) / (end - start)).clip(0, 1)
        return first + (last - first) * u * u * (3 - 2 * u)
    return rng.uniform(0, motion.start) + rng.uniform(1.0, 1.5) * np.linspace(0, 1, frames)


def _placement(motion: Motion, size: Size, rng: np.random.Generator) -> np.ndarray:
    """Return the map from body heights to pixels, [3, 3], that shows the action's box near the middle of the frame."""
    left, right, bottom, top = motion.box
    # The sides are left free: CNNs see the central square.
    room = np.array([min(size[0], 1.1 * size[1]), size[1]])
    scale = rng.uniform(0.7, 0.95) * min(room / (right - left, top - bottom))
    x, y = np.array(size) / 2 + rng.uniform(-0.4, 0.4, 2) * (room - scale * np.array([right - left, top - bottom]))
    side = rng.choice((-1, 1)) if motion.mirrors else 1
    flip = np.diag([side * scale, -scale, 1.0])
    return shift(x, y) @ flip @ shift(-(left + right) / 2, -(bottom + top) / 2)
