"""Compute TV-L1 optical flow of one pair on one core, bit for bit as OpenCV's DualTVL1OpticalFlow does.

`tvl1` explains the scheme, `tvl1_loops` iterates. The pyramid, the warps and the medians are OpenCV's own functions.

Dimensions: H rows, W columns; u is right and v is down, in pixels.
"""

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from vibhar.videos.tvl1 import LEAST_SIDE, TVL1Parameters
from vibhar.videos.tvl1_loops import Dual, Image, update

Picture = UInt8[np.ndarray, "H W"]


def tvl1(first: Picture, second: Picture, parameters: TVL1Parameters) -> Float32[np.ndarray, "H W 2"]:
    """Compute the flow in pixels from the first to the second grey image.

    Raises ValueError if gamma is not 0: there is no illumination term.
    """
    if parameters.gamma:
        raise ValueError("the compiled TV-L1 has no illumination term; take gamma 0 or OpenCV")
    levels = list(zip(build_pyramid(first, parameters), build_pyramid(second, parameters), strict=True))
    u, v = (np.zeros_like(levels[-1][0]) for _ in range(2))
    for number, (image, other) in enumerate(reversed(levels)):
        if number:
            longer = np.float64(1 / parameters.scale_step)  # OpenCV multiplies in float64, then rounds
            u, v = ((longer * cv2.resize(part, image.shape[::-1])).astype(np.float32) for part in (u, v))
        u, v = refine(image, other, u, v, parameters)
    return np.stack([u, v], axis=-1)


def build_pyramid(image: Picture, parameters: TVL1Parameters) -> list[Image]:
    """Return the image pyramid: each level is reduced by `scale_step`, and no side is below 16 pixels."""
    levels: list[Image] = [image.astype(np.float32)]
    while len(levels) < parameters.scales:
        reduced = cv2.resize(levels[-1], None, fx=parameters.scale_step, fy=parameters.scale_step).astype(np.float32)
        if min(reduced.shape) < LEAST_SIDE:
            break
        levels.append(reduced)
    return levels


def refine(first: Image, second: Image, u: Image, v: Image, parameters: TVL1Parameters) -> tuple[Image, Image]:
    """Compute the flow of one pyramid level, starting from the flow of the coarser level."""
    rows, columns = (np.arange(side, dtype=np.float32) for side in first.shape)
    image = np.dstack([second, *centred_gradient(second)])
    dual = np.zeros((4, *first.shape), np.float32)
    for _ in range(parameters.warps):
        warped, slope_x, slope_y = cv2.split(cv2.remap(image, columns + u, rows[:, None] + v, cv2.INTER_CUBIC))
        offset = warped - slope_x * u - slope_y * v - first
        u, v = iterate(u, v, dual, (slope_x, slope_y, offset), parameters)
    return u, v


def centred_gradient(image: Image) -> tuple[Image, Image]:
    """Return half the difference of the two neighbours along x and y; border pixels are repeated outside."""
    framed = np.pad(image, 1, mode="edge")
    return (framed[1:-1, 2:] - framed[1:-1, :-2]) / 2, (framed[2:, 1:-1] - framed[:-2, 1:-1]) / 2


def iterate(
    u: Image, v: Image, dual: Dual, data: tuple[Image, Image, Image], parameters: TVL1Parameters
) -> tuple[Image, Image]:
    """Return u and v after rounds of a median and up to `inner_iterations` updates, until they hardly change."""
    lambda_, theta, tau, epsilon = parameters.lambda_, parameters.theta, parameters.tau, parameters.epsilon
    steps = np.float32(lambda_ * theta), np.float32(theta), np.float32(tau / theta)
    least = np.float32(epsilon * epsilon * u.size)
    for _ in range(parameters.outer_iterations):
        if parameters.median > 1:
            u, v = (cv2.medianBlur(part, parameters.median) for part in (u, v))
        if update(u, v, dual, *data, *steps, least, parameters.inner_iterations) <= least:
            break
    return u, v
