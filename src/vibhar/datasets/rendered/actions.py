"""One pose function per action: from progress (once, 0 to 1) or phase (in cycles) to a pose."""

import numpy as np

from vibhar.datasets.rendered.figure import Body, Pose, Stroke
from vibhar.datasets.rendered.props import bicycle, chair, disc, dog, polar, step


def walk_dog(phase: float, body: Body) -> Pose:
    """Stride to the front behind a dog on a lead."""
    hip, lean = 1j * body.stand, 0.08
    shoulder = body.shoulder(hip, lean)
    free, lead = shoulder + polar(2 * body.arm, -0.25 - 0.1 * _cos(phase)), shoulder + 0.22 - 0.18j
    props = (Stroke((lead, 0.6 + 0.28j), 0.012, "metal"), *dog(phase))
    return Pose(hip, lean, (free, lead), (0.24 * step(phase), 0.24 * step(phase + 0.5)), before=props)


def swing(phase: float, body: Body) -> Pose:
    """Sit on a swing and go to and fro, legs out on the way to the front."""
    pivot, angle, out = 1.3j, 0.55 * _cos(phase), _cos(phase)
    rope = complex(np.exp(1j * (angle - np.pi / 2)))
    hip, hand = pivot + 0.95 * rope, pivot + 0.55 * rope
    feet = hip + 1j * rope * (0.24 + 0.14 * out) + rope * (0.22 - 0.11 * out)
    seat = Stroke((hip - 0.1j * rope, hip + 0.1j * rope), 0.05, "gear")
    return Pose(hip, -angle, (hand, hand), (feet, feet), behind=(seat,), before=(Stroke((pivot, hip), 0.025, "metal"),))


def leap(progress: float, body: Body) -> Pose:
    """Rise from a crouch on a board, arms low, to a stretched flight with arms overhead."""
    hip = 0.22j + 1j * (0.4 + body.stand) * progress
    ground, apart = 1j * max(0.0, hip.imag - body.stand), 0.2 - 0.12 * progress
    arm = 0.085 + polar(2 * body.arm, -0.2 + 0.42 * progress)
    shoulder = body.shoulder(hip, 0.0)
    hands, feet = (shoulder - arm.conjugate(), shoulder + arm), (ground - apart, ground + apart)
    return Pose(hip, 0.0, hands, feet, True, behind=(Stroke((-0.5 - 0.05j, 0.5 - 0.05j), 0.07, "gear"),))


def shoot(phase: float, body: Body) -> Pose:
    """Lift a ball from the waist to overhead in three quarters of the cycle, and drop it back in the last."""
    part = phase % 1
    rise = part / 0.75 if part < 0.75 else (1 - part) / 0.25
    lift = rise * rise * (3 - 2 * rise)
    hip, lean = 1j * (0.3 + (body.stand - 0.3) * lift) - 0.06 * (1 - lift), 0.35 * (1 - lift)
    hands = body.shoulder(hip, lean) + polar(0.2 + 0.16 * lift, -0.17 + 0.37 * lift)
    ball = disc(hands + 0.06 + 0.05j, 0.1, "gear")
    return Pose(hip, lean, (hands - 0.03, hands - 0.05j), (-0.06 + 0j, 0.1 + 0j), before=(ball,))


def sit(progress: float, body: Body) -> Pose:
    """Go down from standing in front of a chair to sitting on it."""
    hip = 0.2 - 0.28 * progress + 1j * (body.stand + (0.32 - body.stand) * progress)
    lean = 0.05 + 0.75 * float(np.sin(np.pi * progress))
    hand = body.shoulder(hip, lean) + 0.05 + 0.22 * progress - 0.32j * (1 - 0.35 * progress)
    return Pose(hip, lean, (hand, hand + 0.04), (0.2 + 0j, 0.24 + 0j), behind=chair())


def throw(progress: float, body: Body) -> Pose:
    """Bring a ball from behind the head to the front, let it go half-way, and follow through."""
    reach, flight = min(1.0, 2 * progress), max(0.0, 2 * progress - 1)
    hip, lean = 0.95j * body.stand + 0.12 * (reach - 0.5), -0.3 + 0.55 * reach + 0.15 * flight
    shoulder = body.shoulder(hip, lean)
    hand, other = polar(1.8 * body.arm, 0.42 - 0.4 * reach - 0.15 * flight), polar(1.6 * body.arm, -0.2 * progress)
    held, gone = hand + 0.05j, polar(1.8 * body.arm, 0.02) + flight + 1j * (0.05 + 0.35 * flight - 0.45 * flight**2)
    ball = disc(shoulder + (gone if flight else held), 0.07, "gear")
    return Pose(hip, lean, (shoulder + other, shoulder + hand), (-0.2 + 0j, 0.2 + 0j), before=(ball,))


def wave(phase: float, body: Body) -> Pose:
    """Stand and wave both hands overhead."""
    hip = 1j * body.stand
    shoulder, arm = body.shoulder(hip, 0.0), 0.085 + polar(1.8 * body.arm, 0.15 + 0.09 * _cos(phase))
    return Pose(hip, 0.0, (shoulder - arm.conjugate(), shoulder + arm), (-0.1 + 0j, 0.1 + 0j), True)


def juggle(phase: float, body: Body) -> Pose:
    """Keep three balls going round between two hands."""
    sway = 0.05j * _cos(3 * phase)
    turns = [polar(1, phase + k / 3) for k in range(3)]
    balls = tuple(disc(0.95j + 0.2 * turn.real + 0.33j * turn.imag, 0.055, "gear") for turn in turns)
    hands = (-0.22 + 0.56j + sway, 0.22 + 0.56j - sway)
    return Pose(1j * body.stand, 0.0, hands, (-0.1 + 0j, 0.1 + 0j), True, before=balls)


def ride(phase: float, body: Body) -> Pose:
    """Ride a bicycle."""
    hip, crank, bars = -0.12 + 0.62j, 0.24j, 0.3 + 0.6j
    feet = (crank + polar(0.11, -phase), crank + polar(0.11, 0.5 - phase))
    return Pose(hip, 0.6, (bars, bars + 0.02), feet, behind=bicycle(-phase, hip - 0.08j, crank, bars))


def whirl(phase: float, body: Body) -> Pose:
    """Whirl a weight on a wire round with both hands, from near the lowest point, counter-clockwise as seen."""
    turn, chest = polar(1, phase - 0.35), 0.78j
    hands, weight = chest + 0.2 * turn, chest + 0.5 * turn
    props = (Stroke((hands, weight), 0.015, "metal"), disc(weight, 0.085, "gear"))
    hip = 0.93j * body.stand - 0.05 * turn
    return Pose(hip, 0.0, (hands - 0.02, hands + 0.02), (-0.18 + 0j, 0.18 + 0j), True, before=props)


def approach(progress: float, body: Body) -> Pose:
    """Come nearer on a board, in a crouch with arms out."""
    hip, size = 0.36j, 0.45 + 0.55 * progress
    shoulder, arm = body.shoulder(hip, 0.0), 0.34 + 0.12j * float(np.sin(9 * progress))
    board = Stroke((-0.3 - 0.02j, 0.3 - 0.02j), 0.06, "gear")
    feet, far = (-0.17 + 0.02j, 0.17 + 0.02j), 0.45j * (1 - size)
    return Pose(hip, 0.0, (shoulder - arm, shoulder + arm), feet, True, behind=(board,), size=size, at=far)


def _cos(turns: float) -> float:
    return float(np.cos(2 * np.pi * turns))
