"""What the figures do: one pose function an action, from its progress (once, 0 to 1) or phase (in cycles) to a pose."""

import numpy as np

from vibhar.datasets.rendered.figure import Body, Pose, Stroke, disc, ring


def walk_dog(phase: float, body: Body) -> Pose:
    """Stride to the front behind a dog on a lead."""
    hip = 1j * body.stand
    feet = tuple(_step(phase + half) * 0.24 for half in (0, 0.5))
    shoulder = body.shoulder(hip, 0.08)
    hands = (shoulder + _polar(2 * body.arm, -0.25 + 0.1 * _cos(phase + 0.5)), shoulder + 0.22 - 0.18j)
    return Pose(hip, 0.08, hands, feet, before=(Stroke((hands[1], 0.6 + 0.28j), 0.012, "metal"), *_dog(phase)))


def swing(phase: float, body: Body) -> Pose:
    """Sit on a swing and go to and fro, legs out on the way to the front."""
    pivot, angle = 1.3j, 0.55 * _cos(phase)
    rope = np.exp(1j * (angle - np.pi / 2))
    hip = pivot + 0.95 * rope
    feet = hip + 1j * rope * (0.24 + 0.14 * _cos(phase)) + rope * (0.22 - 0.11 * _cos(phase))
    hand = pivot + 0.55 * rope
    ropes = (Stroke((pivot, hip), 0.025, "metal"), Stroke((hip - 0.1 * rope * 1j, hip + 0.1 * rope * 1j), 0.05, "gear"))
    return Pose(hip, -angle, (hand, hand), (feet, feet - 0.04), behind=ropes[1:], before=ropes[:1])


def leap(progress: float, body: Body) -> Pose:
    """Rise from a crouch on a board, arms low, to a stretched flight with arms overhead."""
    crouch, flight = 0.22j, 0.62j + 1j * body.stand
    hip = crouch + (flight - crouch) * progress
    ground = 1j * max(0.0, hip.imag - body.stand)
    arm = _polar(2 * body.arm, -0.2 + 0.42 * progress)
    shoulder = body.shoulder(hip, 0.0)
    feet = (ground - 0.2 + 0.12 * progress, ground + 0.2 - 0.12 * progress)
    board = Stroke((-0.5 - 0.05j, 0.5 - 0.05j), 0.07, "gear")
    return Pose(hip, 0.0, (shoulder - 0.085 - arm.conjugate(), shoulder + 0.085 + arm), feet, True, behind=(board,))


def shoot(phase: float, body: Body) -> Pose:
    """Lift a ball from the waist to overhead, three quarters of the cycle, and drop it back quickly."""
    part = phase % 1
    lift = _ease(part / 0.75 if part < 0.75 else (1 - part) / 0.25)
    hip = 1j * (0.3 + (body.stand - 0.3) * lift) - 0.06 * (1 - lift)
    shoulder = body.shoulder(hip, 0.35 * (1 - lift))
    ball = shoulder + _polar(0.2 + 0.16 * lift, -0.17 + 0.37 * lift)
    return Pose(hip, 0.35 * (1 - lift), (ball - 0.03, ball - 0.05j), (-0.06 + 0j, 0.1 + 0j), before=(disc(ball + 0.06 + 0.05j, 0.1, "gear"),))


def sit(progress: float, body: Body) -> Pose:
    """Go down from standing in front of a chair to sitting on it."""
    hip = 0.2 * (1 - progress) - 0.08 * progress + 1j * (body.stand + (0.32 - body.stand) * progress)
    lean = 0.75 * np.sin(np.pi * progress) + 0.05
    shoulder = body.shoulder(hip, lean)
    hands = [shoulder + (0.05 + 0.22 * progress + x) - 0.32j * (1 - 0.35 * progress) for x in (0.0, 0.04)]
    return Pose(hip, lean, (hands[0], hands[1]), (0.2 + 0j, 0.24 + 0j), behind=_chair())


def throw(progress: float, body: Body) -> Pose:
    """Bring a ball from behind the head to the front and let it fly."""
    release = 0.5
    reach, flight = min(1.0, progress / release), max(0.0, progress - release) / (1 - release)
    hip, lean = 1j * 0.95 * body.stand + 0.12 * (reach - 0.5), -0.3 + 0.55 * reach + 0.15 * flight
    shoulder = body.shoulder(hip, lean)
    hand = shoulder + _polar(1.8 * body.arm, 0.42 - 0.4 * reach - 0.15 * flight)
    let_go = shoulder + _polar(1.8 * body.arm, 0.02) + 0.06
    ball = let_go + 1.0 * flight + 1j * (0.35 * flight - 0.45 * flight**2) if flight else hand + 0.06 * np.exp(1j)
    other = shoulder + _polar(1.6 * body.arm, -0.02 - 0.2 * progress)
    return Pose(hip, lean, (other, hand), (-0.2 + 0j, 0.2 + 0j), before=(disc(ball, 0.07, "gear"),))


def wave(phase: float, body: Body) -> Pose:
    """Stand and wave both hands overhead."""
    hip = 1j * body.stand
    shoulder = body.shoulder(hip, 0.0)
    arm = _polar(1.8 * body.arm, 0.15 + 0.09 * _cos(phase))
    return Pose(hip, 0.0, (shoulder - 0.085 - arm.conjugate(), shoulder + 0.085 + arm), (-0.1 + 0j, 0.1 + 0j), True)


def juggle(phase: float, body: Body) -> Pose:
    """Keep three balls going round between two hands."""
    hip = 1j * body.stand
    hands = (-0.22 + 1j * (0.56 + 0.05 * _cos(3 * phase)), 0.22 + 1j * (0.56 - 0.05 * _cos(3 * phase)))
    balls = tuple(disc(0.95j + 0.2 * _polar(1, phase + k / 3).real + 0.33j * _polar(1, phase + k / 3).imag, 0.055, "gear") for k in range(3))
    return Pose(hip, 0.0, hands, (-0.1 + 0j, 0.1 + 0j), True, before=balls)


def ride(phase: float, body: Body) -> Pose:
    """Ride a bicycle."""
    rear, crank, bars = -0.34 + 0.22j, 0.24j, 0.3 + 0.6j
    hip, lean = -0.12 + 0.62j, 0.6
    pedals = [crank + 0.11 * _polar(1, -phase + half) for half in (0, 0.5)]
    wheels = [stroke for centre in (rear, 0.42 + 0.22j) for stroke in _wheel(centre, -phase)]
    frame = (rear, hip - 0.06j, crank, rear, hip - 0.1j, bars - 0.05j, crank, bars - 0.05j, bars, 0.42 + 0.22j)
    return Pose(hip, lean, (bars, bars + 0.02), (pedals[0], pedals[1]), behind=(*wheels, Stroke(frame, 0.03, "gear")))


def circle(phase: float, body: Body) -> Pose:
    """Stand and whirl a weight on a wire round with both hands, from the lowest point and counter-clockwise as seen."""
    turn = _polar(1, phase - 0.35)
    hip = 1j * 0.93 * body.stand - 0.05 * turn
    hands, weight = 0.78j + 0.2 * turn, 0.78j + 0.5 * turn
    props = (Stroke((hands, weight), 0.015, "metal"), disc(weight, 0.085, "gear"))
    return Pose(hip, 0.0, (hands - 0.02, hands + 0.02), (-0.18 + 0j, 0.18 + 0j), True, before=props)


def approach(progress: float, body: Body) -> Pose:
    """Come nearer on a board, in a crouch with arms out."""
    hip = 0.36j + 0.02 * _cos(progress)
    shoulder = body.shoulder(hip, 0.0)
    tilt = 0.12 * np.sin(9 * progress)
    arms = (shoulder - 0.34 - 1j * tilt, shoulder + 0.34 + 1j * tilt)
    board = Stroke((-0.3 - 0.02j, 0.3 - 0.02j), 0.06, "gear")
    size = 0.45 + 0.55 * progress
    return Pose(hip, 0.0, arms, (-0.17 + 0.02j, 0.17 + 0.02j), True, behind=(board,), size=size, at=0.45j * (1 - size))


def _polar(radius: float, turns: float) -> complex:
    return radius * np.exp(2j * np.pi * turns)


def _cos(turns: float) -> float:
    return float(np.cos(2 * np.pi * turns))


def _ease(x: float) -> float:
    return x * x * (3 - 2 * x)


def _step(phase: float) -> complex:
    """Return where a foot is in a stride of length 2: it slides back on the ground and swings forwards in the air."""
    turn = _polar(1, phase)
    return turn.real + 0.45j * max(0.0, -turn.imag)


def _dog(phase: float) -> tuple[Stroke, ...]:
    paws = [(hip + 0.22j, hip + 0.3 * 0.24 * _step(2 * phase + shift)) for hip, shift in ((0.5, 0.0), (0.55, 0.5), (0.76, 0.3), (0.81, 0.8))]
    trunk, tail = Stroke((0.52 + 0.26j, 0.8 + 0.27j), 0.13, "coat"), Stroke((0.5 + 0.28j, 0.42 + 0.4j), 0.03, "coat")
    head, nose = disc(0.9 + 0.36j, 0.065, "coat"), Stroke((0.9 + 0.34j, 0.99 + 0.33j), 0.06, "coat")
    return (*(Stroke(paw, 0.04, "coat") for paw in paws), tail, trunk, head, nose)


def _chair() -> tuple[Stroke, ...]:
    seat, back = Stroke((-0.24 + 0.25j, 0.08 + 0.25j), 0.05, "gear"), Stroke((-0.24 + 0.25j, -0.3 + 0.68j), 0.05, "gear")
    return (Stroke((-0.22 + 0.25j, -0.24 + 0j), 0.035, "gear"), Stroke((0.06 + 0.25j, 0.08 + 0j), 0.035, "gear"), seat, back)


def _wheel(centre: complex, phase: float) -> tuple[Stroke, ...]:
    spokes = [Stroke((centre + 0.2 * _polar(1, phase + k / 6), centre - 0.2 * _polar(1, phase + k / 6)), 0.01, "metal") for k in range(3)]
    return (ring(centre, 0.2, 0.035, "metal"), *spokes)
