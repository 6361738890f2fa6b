"""Compute TV-L1 optical flow for batches of torch tensors, as OpenCV's DualTVL1OpticalFlow does.

Zach, Pock and Bischof 2007: minimise the total variation of u plus lambda times the absolute brightness difference of
the frames, |rho(u)|, coupled through v, |u - v|^2 / (2 theta): v by thresholding, u by Chambolle's projection of its
dual p, on a pyramid and with the brightness linearised anew at each warp. Sanchez, Meinhardt-Llopis and Facciolo 2013
(IPOL) describe the steps. The median filter of u before each round of updates is OpenCV's addition.

Dimensions: B pairs of frames, H rows, W columns; flows [B, 2, H, W] are u (right) and v (down), in pixels.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import grid_sample, interpolate, pad

LEAST_SIDE = 16  # pixels of the smallest level of the pyramid
FLAT = 1e-9  # a squared gradient below this counts as 0

Image = Float[Tensor, "B H W"]
Flow = Float[Tensor, "B 2 H W"]
Dual = Float[Tensor, "B 2 2 H W"]  # of u and v, along x and y


class TVL1Parameters(NamedTuple):
    """OpenCV's parameters and their defaults."""

    tau: float = 0.25
    lambda_: float = 0.15
    theta: float = 0.3
    scales: int = 5
    warps: int = 5
    epsilon: float = 0.01
    inner_iterations: int = 30
    outer_iterations: int = 10
    scale_step: float = 0.8
    gamma: float = 0.0
    median: int = 5


def tvl1(first: Image, second: Image, parameters: TVL1Parameters) -> Flow:
    """Compute the flow in pixels from the first to the second grey image (0 to 255) of each pair.

    Raises ValueError if gamma is not 0: the batched version has no illumination term.
    """
    if parameters.gamma:
        raise ValueError("the batched TV-L1 has no illumination term; take gamma 0 or OpenCV")
    levels = build_pyramid(torch.stack([first, second], dim=1), parameters)
    flow = torch.zeros_like(levels[-1])
    for level in reversed(levels):
        if flow.shape != level.shape:
            flow = interpolate(flow, size=level.shape[-2:], mode="bilinear") / parameters.scale_step
        flow = refine(level[:, 0], level[:, 1], flow, parameters)
    return flow


def build_pyramid(images: Float[Tensor, "B 2 H W"], parameters: TVL1Parameters) -> list[Float[Tensor, "B 2 _ _"]]:
    """Return the image pyramid: each level is reduced by `scale_step`, and no side is below 16 pixels."""
    levels = [images]
    while len(levels) < parameters.scales:
        reduced = reduce(levels[-1], parameters.scale_step)
        if min(reduced.shape[-2:]) < LEAST_SIDE:
            break
        levels.append(reduced)
    return levels


def reduce(images: Float[Tensor, "B C H W"], scale: float) -> Float[Tensor, "B C _ _"]:
    """Reduce images by `scale`: bilinear samples 1 / `scale` apart, centred as if the sides were multiples of it."""
    height, width = images.shape[-2:]
    rows, columns = (
        ((torch.arange(round(side * scale), device=images.device) + 0.5) / scale - 0.5).clamp(0, side - 1)
        for side in (height, width)
    )
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    return sample(images, y, x, mode="bilinear")


def sample(images: Float[Tensor, "B C H W"], y: Tensor, x: Tensor, mode: str) -> Float[Tensor, "B C _ _"]:
    """Interpolate the images at positions [h, w] or [B, h, w] in pixels; 0 outside.

    It computes in float64: in float32, rounding moves some positions across the border, where they mix with the 0
    outside, and TV-L1 amplifies that error.
    """
    height, width = images.shape[-2:]
    grid = torch.stack([2 * x.double() / (width - 1) - 1, 2 * y.double() / (height - 1) - 1], dim=-1)
    grid = grid.expand(len(images), *grid.shape[-3:])
    return grid_sample(images.double(), grid, mode=mode, align_corners=True).to(images.dtype)


def refine(first: Image, second: Image, flow: Flow, parameters: TVL1Parameters) -> Flow:
    """Compute the flow of one pyramid level, starting from the flow of the coarser level."""
    gradient = centred_gradient(second)
    dual = flow.new_zeros(len(flow), 2, *flow.shape[1:])
    rows, columns = (torch.arange(side, device=flow.device) for side in flow.shape[-2:])
    for _ in range(parameters.warps):
        y, x = rows[:, None] + flow[:, 1], columns + flow[:, 0]
        warped = sample(torch.cat([second[:, None], gradient], dim=1), y, x, mode="bicubic")
        slope = warped[:, 1:]
        offset = warped[:, 0] - (slope * flow).sum(dim=1) - first
        flow, dual = iterate(flow, dual, slope, offset, parameters)
    return flow


def iterate(flow: Flow, dual: Dual, slope: Flow, offset: Image, parameters: TVL1Parameters) -> tuple[Flow, Dual]:
    """Alternate thresholding and projection, for each pair until u changes by less than epsilon per pixel."""
    energy = (slope**2).sum(dim=1)
    moving = torch.ones(len(flow), dtype=torch.bool, device=flow.device)
    for _ in range(parameters.outer_iterations):
        if not moving.any():
            break
        flow = select(moving, median(flow, parameters.median), flow)
        for _ in range(parameters.inner_iterations):
            if not moving.any():
                break
            coupled = threshold(flow, slope, offset, energy, parameters.lambda_ * parameters.theta)
            updated = coupled + parameters.theta * divergence(dual)
            step = forward_gradient(updated) * (parameters.tau / parameters.theta)
            projected = (dual + step) / (1 + step.norm(dim=2, keepdim=True))
            change = ((updated - flow) ** 2).sum(dim=1).mean(dim=(1, 2))
            flow, dual = select(moving, updated, flow), select(moving, projected, dual)
            moving = moving & (change > parameters.epsilon**2)
    return flow, dual


def select(chosen: Bool[Tensor, " B"], updated: Tensor, old: Tensor) -> Tensor:
    """Return `updated` for the chosen pairs and `old` for the others."""
    return torch.where(chosen.view(-1, *[1] * (old.ndim - 1)), updated, old)


def threshold(flow: Flow, slope: Flow, offset: Image, energy: Image, step: float) -> Flow:
    """Return v: the flow moved along the gradient to make rho 0, by at most `step` times the gradient."""
    rho = offset + (slope * flow).sum(dim=1)
    along = torch.where(energy > FLAT, -rho / energy.clamp_min(FLAT), torch.zeros_like(rho)).clamp(-step, step)
    return flow + along[:, None] * slope


def divergence(dual: Dual) -> Flow:
    """Return the divergence by backward differences, the negative adjoint of `forward_gradient`."""
    along_x, along_y = dual[:, :, 0], dual[:, :, 1]
    return along_x - pad(along_x, (1, 0))[..., :-1] + along_y - pad(along_y, (0, 0, 1, 0))[..., :-1, :]


def forward_gradient(flow: Flow) -> Dual:
    """Return the differences to the next column and the next row; 0 at the last."""
    along_x = pad(flow.diff(dim=-1), (0, 1))
    along_y = pad(flow.diff(dim=-2), (0, 0, 0, 1))
    return torch.stack([along_x, along_y], dim=2)


def centred_gradient(images: Image) -> Flow:
    """Return half the difference of the two neighbours along x and y; border pixels are repeated outside."""
    framed = pad(images[:, None], (1, 1, 1, 1), mode="replicate")[:, 0]
    along_x = framed[:, 1:-1, 2:] - framed[:, 1:-1, :-2]
    along_y = framed[:, 2:, 1:-1] - framed[:, :-2, 1:-1]
    return torch.stack([along_x, along_y], dim=1) / 2


def median(flow: Flow, side: int) -> Flow:
    """Return the median of u and of v in a square window of `side` pixels; border pixels are repeated outside."""
    if side == 1:
        return flow
    framed = pad(flow, (side // 2,) * 4, mode="replicate")
    windows = framed.unfold(2, side, 1).unfold(3, side, 1)
    return windows.flatten(4).median(dim=-1).values
