"""Draw a person as thick strokes, from body proportions and the positions of hips, hands and feet.

A point is a complex number in units of the standing height: x to the front (or the image's right), y upwards.
"""

from typing import NamedTuple

import cv2
import numpy as np

Colour = tuple[int, int, int]
# Distance from the middle to a shoulder of a figure seen from the front.
SPREAD = 0.085


class Stroke(NamedTuple):
    """A line with round ends through `points` in a named colour; a disc is a stroke between two equal points."""

    points: tuple[complex, ...]
    width: float
    colour: str


class Body(NamedTuple):
    """Lengths of the torso and of one bone of an arm and of a leg, the head's radius, and the limbs' thickness."""

    torso: float = 0.29
    arm: float = 0.175
    leg: float = 0.24
    head: float = 0.075
    girth: float = 0.085

    @property
    def stand(self) -> float:
        """Height of the hips when the person stands relaxed."""
        return 1.94 * self.leg

    def shoulder(self, hip: complex, lean: float) -> complex:
        """Return the position of the shoulders for hips at `hip` and a torso that leans `lean` radians to the front."""
        return hip + self.torso * 1j * np.exp(-1j * lean)


class Pose(NamedTuple):
    """The pose of a figure at one instant; the second hand and foot are nearer to the camera.

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
    shoulder = body.shoulder(pose.hip, pose.lean)
    # Elbows point down and back, or outwards; knees to the front, or outwards.
    sides = ((-1, -1 - 0.6j, -1), (1, 1 - 0.6j, 1)) if pose.front else ((0, -0.6 - 1j, 1), (0, -0.6 - 1j, 1))
    pairs = list(zip(sides, pose.hands, pose.feet, strict=True))
    arms = [_arm(shoulder + SPREAD * side, hand, body, aim) for (side, aim, _), hand, _ in pairs]
    legs = [_leg(pose.hip + SPREAD / 2 * side, foot, body, aim) for (side, _, aim), _, foot in pairs]
    trunk = [*_torso(pose, shoulder, body), *_head(pose, shoulder, body)]
    hidden, shown = ([], arms) if pose.front else (arms[:1], arms[1:])
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
    return [lower, upper, Stroke((wrist, wrist), width, "skin")]


def _leg(hip: complex, foot: complex, body: Body, aim: int) -> list[Stroke]:
    knee, ankle = bend(hip, foot, body.leg, aim)
    shin, thigh = Stroke((knee, ankle), 0.9 * body.girth, "shin"), Stroke((hip, knee), 1.2 * body.girth, "trousers")
    return [shin, thigh, Stroke((ankle, ankle + 0.05 * aim), 0.75 * body.girth, "shoes")]


def _torso(pose: Pose, shoulder: complex, body: Body) -> list[Stroke]:
    chest, waist = (0.8 * SPREAD, 0.55 * SPREAD) if pose.front else (0.0, 0.0)
    outline = (shoulder - chest, pose.hip - waist, pose.hip + waist, shoulder + chest, shoulder, pose.hip)
    pelvis = Stroke((pose.hip - waist, pose.hip + waist), 1.4 * body.girth, "trousers")
    return [pelvis, Stroke(outline, (1.0 if pose.front else 1.6) * body.girth, "shirt")]


def _head(pose: Pose, shoulder: complex, body: Body) -> list[Stroke]:
    spine = (shoulder - pose.hip) / abs(shoulder - pose.hip)
    centre = shoulder + spine * (0.04 + 1.1 * body.head)
    crown = body.head * (0.2 * spine if pose.front else 0.35j * spine)
    hair, face = (centre + crown, centre + crown), (centre - 0.4 * crown, centre - 0.4 * crown)
    neck = Stroke((shoulder, centre), 0.7 * body.girth, "skin")
    return [neck, Stroke(hair, 2 * body.head, "hair"), Stroke(face, 1.7 * body.head, "skin")]


def _placed(stroke: Stroke, pose: Pose) -> Stroke:
    points = tuple(pose.at + pose.size * point for point in stroke.points)
    return Stroke(points, pose.size * stroke.width, stroke.colour)
