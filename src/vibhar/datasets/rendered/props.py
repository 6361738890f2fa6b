"""Draw the objects that figures hold, ride or sit on, as strokes in units of the standing height."""

import numpy as np

from vibhar.datasets.rendered.figure import Stroke


def disc(centre: complex, radius: float, colour: str) -> Stroke:
    """Return a filled circle."""
    return Stroke((centre, centre), 2 * radius, colour)


def polar(radius: float, turns: float) -> complex:
    """Return the point at `radius` in the direction of `turns` cycles, counter-clockwise from the front."""
    return radius * complex(np.exp(2j * np.pi * turns))


def step(phase: float) -> complex:
    """Return a foot in a stride of length 2: on the ground it slides back, in the air it swings to the front."""
    turn = polar(1, phase)
    return turn.real + 0.45j * max(0.0, -turn.imag)


def dog(phase: float) -> tuple[Stroke, ...]:
    """Return a trotting dog, half a body height ahead."""
    legs = ((0.5, 0.0), (0.55, 0.5), (0.76, 0.3), (0.81, 0.8))
    paws = [Stroke((x + 0.22j, x + 0.07 * step(2 * phase + shift)), 0.04, "coat") for x, shift in legs]
    trunk, tail = Stroke((0.52 + 0.26j, 0.8 + 0.27j), 0.13, "coat"), Stroke((0.5 + 0.28j, 0.42 + 0.4j), 0.03, "coat")
    head, nose = disc(0.9 + 0.36j, 0.065, "coat"), Stroke((0.9 + 0.34j, 0.99 + 0.33j), 0.06, "coat")
    return (*paws, tail, trunk, head, nose)


def chair() -> tuple[Stroke, ...]:
    """Return a chair behind the origin, its seat a quarter of a body height up."""
    rear, edge = -0.24 + 0.25j, 0.08 + 0.25j
    ends = ((rear, -0.26 + 0j), (edge, 0.1 + 0j), (rear, edge), (rear, -0.3 + 0.68j))
    return tuple(Stroke(pair, 0.045, "gear") for pair in ends)


def wheel(centre: complex, phase: float) -> tuple[Stroke, ...]:
    """Return a wheel with six spokes."""
    rim = tuple(centre + polar(0.2, k / 24) for k in range(25))
    spokes = (polar(0.2, phase + k / 6) for k in range(3))
    return (Stroke(rim, 0.035, "metal"), *(Stroke((centre + end, centre - end), 0.01, "metal") for end in spokes))


def bicycle(phase: float, saddle: complex, crank: complex, bars: complex) -> tuple[Stroke, ...]:
    """Return a bicycle whose frame joins saddle, crank and handlebars."""
    rear, front = -0.34 + 0.22j, 0.42 + 0.22j
    frame = (rear, saddle, crank, rear, saddle, bars - 0.05j, crank, bars - 0.05j, bars, front)
    return (*wheel(rear, phase), *wheel(front, phase), Stroke(frame, 0.03, "gear"))
