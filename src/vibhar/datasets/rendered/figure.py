"""A person drawn as thick strokes: proportions, and a pose that hips, hands and feet determine.

A point is a complex number in units of the standing height: x to the front (or the image's right), y up from the ground.
"""

from typing import NamedTuple

import cv2
import numpy as np

Colour = tuple[int, int, int]


class Stroke(NamedTuple):
    """A line with round ends through `points`, `width` thick, in a named colour; a disc is a stroke of two equal points."""

    points: tuple[complex, ...]
    width: float
    colour: str


class Body(NamedTuple):
    """Proportions: the torso's length, the length of one bone of an arm and of a leg, the head's radius, limb thickness."""

    torso: float = 0.29
    arm: float = 0.175
    leg: float = 0.24
    head: float = 0.075
    girth: float = 0.085

    @property
    def stand(self) -> float:
        """Height of the hips of somebody who stands at ease."""
        return 1.94 * self.leg

    def shoulder(self, hip: complex, lean: float) -> complex:
        """Where the shoulders are, over hips at `hip`, for a torso that leans `lean` radians to the front."""
        return hip + self.torso * 1j * np.exp(-1j * lean)


class Pose(NamedTuple):
    """What a figure does at one instant; the second hand and foot are nearer to the camera.

    A figure seen from the front has its shoulders and hips apart and bends elbows and knees outwards; `size` scales
    the figure and what it holds about the origin, and `at` moves the whole.
    """

    hip: complex
    lean: float
    hands: tuple[complex, complex]
    feet: tuple[complex, complex]
    front: bool = False
    behind: tuple[Stroke, ...] = ()
    before: tuple[Stroke, ...] = ()
    size: float = 1.0
    at: complex = 0j


def disc(centre: complex, radius: float, colour: str) -> Stroke:
    """Return a filled circle."""
    return Stroke((centre, centre), 2 * radius, colour)


def ring(centre: complex, radius: float, width: float, colour: str) -> Stroke:
    """Return the outline of a circle."""
    return Stroke(tuple(centre + radius * np.exp(2j * np.pi * np.linspace(0, 1, 25))), width, colour)


def bend(root: complex, end: complex, bone: float, aim: complex) -> tuple[complex, complex]:
    """Return joint and end of a limb of two equal bones from `root` towards `end` (two-bone inverse kinematics).

    Of the two joints that fit, it is the one that lies further along `aim`; an `end` out of reach is drawn nearer.
    """
    direction = (end - root) / max(abs(end - root), 1e-6)
    reach = min(abs(end - root), 1.98 * bone)
    side = 1j if (direction * 1j * aim.conjugate()).real > 0 else -1j
    return root + direction * (reach / 2 + side * np.sqrt(bone**2 - reach**2 / 4)), root + direction * reach


def strokes(pose: Pose, body: Body) -> list[Stroke]:
    """Return the strokes of a figure and its props, the farthest first, in units of the standing height."""
    shoulder, spine = body.shoulder(pose.hip, pose.lean), 1j * np.exp(-1j * pose.lean)
    sides = (-1, 1) if pose.front else (0, 0)
    spread = 0.085 if pose.front else 0.0
    arms = [_arm(shoulder + spread * s, hand, body, s - 0.6j if s else -0.6 - 1j) for s, hand in zip(sides, pose.hands)]
    legs = [_leg(pose.hip + spread * s / 2, foot, body, s or 1) for s, foot in zip(sides, pose.feet)]
    trunk = [*_torso(pose, shoulder, spread, body), *_head(shoulder, spine, pose.front, body)]
    hidden, shown = (arms[:0], arms) if pose.front else (arms[:1], arms[1:])
    layers = [pose.behind, *hidden, *legs, trunk, *shown, pose.before]
    return [_placed(stroke, pose) for layer in layers for stroke in layer]


def draw(image: np.ndarray, figure: list[Stroke], palette: dict[str, Colour], to_pixels: np.ndarray) -> None:
    """Draw strokes into a BGR image [height, width, 3] in place; `to_pixels` [3, 3] maps units to pixels."""
    scale = np.sqrt(abs(np.linalg.det(to_pixels[:2, :2])))
    for stroke in figure:
        points = np.array([(z.real, z.imag, 1.0) for z in stroke.points]) @ to_pixels[:2].T
        # A dark, wide pass under a light, narrow one that is shifted to the light: limbs look round.
        for shade, share in ((0.6, 1.0), (1.0, 0.7)):
            thickness = max(1, round(share * stroke.width * scale))
            shift = (1 - share) * stroke.width * scale / 4
            path = np.rint((points - shift) * 16).astype(np.int32)
            colour = tuple(shade * channel for channel in palette[stroke.colour])
            cv2.polylines(image, [path], False, colour, thickness, cv2.LINE_AA, 4)


def _arm(shoulder: complex, hand: complex, body: Body, aim: complex) -> list[Stroke]:
    elbow, wrist = bend(shoulder, hand, body.arm, aim)
    width = 0.85 * body.girth
    upper, lower = Stroke((shoulder, elbow), width, "shirt"), Stroke((elbow, wrist), 0.85 * width, "sleeve")
    return [lower, upper, disc(wrist, 0.5 * width, "skin")]


def _leg(hip: complex, foot: complex, body: Body, side: int) -> list[Stroke]:
    knee, ankle = bend(hip, foot, body.leg, side)
    shin, shoe = Stroke((knee, ankle), 0.9 * body.girth, "shin"), Stroke((ankle, ankle + 0.05 * side), 0.75 * body.girth, "shoes")
    return [shin, Stroke((hip, knee), 1.2 * body.girth, "trousers"), shoe]


def _torso(pose: Pose, shoulder: complex, spread: float, body: Body) -> list[Stroke]:
    a, b = 0.8 * spread, 0.55 * spread
    outline = (shoulder - a, pose.hip - b, pose.hip + b, shoulder + a, shoulder - a, shoulder, pose.hip)
    pelvis = Stroke((pose.hip - b, pose.hip + b), 1.4 * body.girth, "trousers")
    return [pelvis, Stroke(outline, (1.0 if spread else 1.6) * body.girth, "shirt")]


def _head(shoulder: complex, spine: complex, front: bool, body: Body) -> list[Stroke]:
    centre = shoulder + spine * (0.04 + 1.1 * body.head)
    back = 0.2 * spine if front else 0.35 * (1j * spine)
    neck = Stroke((shoulder, centre), 0.7 * body.girth, "skin")
    return [neck, disc(centre + body.head * back, body.head, "hair"), disc(centre - 0.4 * body.head * back, 0.85 * body.head, "skin")]


def _placed(stroke: Stroke, pose: Pose) -> Stroke:
    points = tuple(pose.at + pose.size * point for point in stroke.points)
    return Stroke(points, pose.size * stroke.width, stroke.colour)
