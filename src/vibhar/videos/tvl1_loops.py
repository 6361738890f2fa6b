"""Iterate TV-L1 in compiled loops that round every number as OpenCV's DualTVL1OpticalFlow does.

OpenCV takes a pass over memory for each operation. Here one pass over the rows is a whole iteration: a row of u and v
is moved, then the dual of the row above, whose old values no later row needs. Nothing is reordered, not even the sum of
the changes, so that the iterations stop where OpenCV's do.

Dimensions: H rows, W columns. Equations: Sanchez, Meinhardt-Llopis and Facciolo 2013 (IPOL).
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float32
from numba import njit

ZERO, ONE, ENDLESS = np.float32(0), np.float32(1), np.finfo(np.float32).max
FLAT = np.finfo(np.float32).eps  # a squared gradient up to this counts as 0

Image = Float32[np.ndarray, "H W"]
Row = Float32[np.ndarray, " W"]
Dual = Float32[np.ndarray, "4 H W"]  # of u along x and along y, then of v
Number = np.float32


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function compiled at its first call; the result is kept for later processes where a folder allows it.

    It is kept beside this file, or in the user's cache, or in $NUMBA_CACHE_DIR.
    """
    compile_later = partial(njit, nogil=True, error_model="numpy")
    try:
        return compile_later(function, cache=True)
    except RuntimeError:  # no such folder can be written; each process compiles for itself
        return compile_later(function)


@compiled
def update(
    u: Image,
    v: Image,
    dual: Dual,
    slope_x: Image,
    slope_y: Image,
    offset: Image,
    step: Number,
    theta: Number,
    ratio: Number,
    least: Number,
    most: int,
) -> Number:
    """Update u, v and their dual in place `most` times, or until the sum of squared changes is at most `least`.

    Returns the last such sum. `step` is lambda theta, the length of a step along the gradient; `ratio` is tau / theta.
    """
    change, last = ENDLESS, len(u) - 1
    outside, work = np.zeros_like(u[0]), np.empty((3, u.shape[1]), np.float32)
    for _ in range(most):
        change = ZERO
        for y in range(last + 1):
            divergence(dual[0, y], dual[1, y], dual[1, y - 1] if y else outside, work[0])
            divergence(dual[2, y], dual[3, y], dual[3, y - 1] if y else outside, work[1])
            move(u[y], v[y], slope_x[y], slope_y[y], offset[y], step, theta, work)
            for squared in work[2]:  # one by one, since OpenCV's rounding is that of this order
                change += squared
            if y:
                project(u[y - 1], u[y], dual[0, y - 1], dual[1, y - 1], ratio, work[0])
                project(v[y - 1], v[y], dual[2, y - 1], dual[3, y - 1], ratio, work[0])
        project(u[last], u[last], dual[0, last], dual[1, last], ratio, work[0])
        project(v[last], v[last], dual[2, last], dual[3, last], ratio, work[0])
        if change <= least:
            break
    return change


@compiled
def divergence(along_x: Row, along_y: Row, above: Row, result: Row) -> None:
    """Write a row's divergence by backward differences; `above` is `along_y` of the row above."""
    result[0] = (along_x[0] + along_y[0]) - above[0]
    for x in range(1, result.size):
        result[x] = (along_x[x] - along_x[x - 1]) + (along_y[x] - above[x])


@compiled
def move(
    u: Row,
    v: Row,
    slope_x: Row,
    slope_y: Row,
    offset: Row,
    step: Number,
    theta: Number,
    work: Float32[np.ndarray, "3 W"],
) -> None:
    """Update a row of u and v: threshold, then add theta times the divergences, which are the first rows of `work`.

    Writes the squared change of each pixel into the third.
    """
    for x in range(u.size):
        energy = slope_x[x] * slope_x[x] + slope_y[x] * slope_y[x]
        rho = offset[x] + (slope_x[x] * u[x] + slope_y[x] * v[x])
        exact = -rho / energy
        along = exact if energy > FLAT else ZERO
        along = step if rho < -step * energy else along
        along = -step if rho > step * energy else along
        new_u = (u[x] + along * slope_x[x]) + theta * work[0, x]
        new_v = (v[x] + along * slope_y[x]) + theta * work[1, x]
        work[2, x] = (new_u - u[x]) * (new_u - u[x]) + (new_v - v[x]) * (new_v - v[x])
        u[x], v[x] = new_u, new_v


@compiled
def project(row: Row, below: Row, dual_x: Row, dual_y: Row, ratio: Number, norm: Row) -> None:
    """Update the dual of a row of u or v by its forward differences, which are 0 at the last column and row."""
    last = row.size - 1
    for x in range(last):
        along_x, along_y = np.float64(row[x + 1] - row[x]), np.float64(below[x] - row[x])
        norm[x] = np.sqrt(along_x * along_x + along_y * along_y)
    for x in range(last):
        scale = ONE + ratio * norm[x]
        dual_x[x] = (dual_x[x] + ratio * (row[x + 1] - row[x])) / scale
        dual_y[x] = (dual_y[x] + ratio * (below[x] - row[x])) / scale
    along_y = below[last] - row[last]
    dual_x[last] /= ONE + ratio * abs(along_y)
    dual_y[last] = (dual_y[last] + ratio * along_y) / (ONE + ratio * abs(along_y))
