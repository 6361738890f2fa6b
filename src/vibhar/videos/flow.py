"""Compute optical flow between frames, and quantise it to 8-bit pictures.

Dimensions: B pairs of frames, H rows, W columns. A flow [B, 2, H, W] is u (right) and v (down), in pixels.
"""

from collections.abc import Callable
from functools import partial
from importlib.metadata import distributions
from typing import Any

import cv2
import numpy as np
import torch
from jaxtyping import Float, Float32, Int, UInt8
from torch import Tensor

from vibhar.device import best_device
from vibhar.errors import InputError
from vibhar.videos.tvl1 import TVL1Parameters, tvl1

PAIRS_AT_ONCE = 16  # bounds the memory of the batched backend
GREY = (4899, 9617, 1868)  # of 2^14, red, green and blue: the weights of ITU-R BT.601 as OpenCV rounds them
CONTRIB = "opencv-contrib-python-headless"  # OpenCV with its contrib modules and without windows

Frames = UInt8[Tensor, "B H W 3"]
Picture = UInt8[np.ndarray, "H W"]


def compute_flow(first: Frames, second: Frames, backend: str, parameters: TVL1Parameters) -> Float[Tensor, "B 2 H W"]:
    """Compute the flow in pixels from each first frame (RGB) to its second frame.

    `backend` is "opencv" (OpenCV's DualTVL1, the reference), "numba" (the same scheme and numbers, in compiled loops on
    one core), "torch" (the same scheme for all pairs at once, where the frames are) or "dis" (OpenCV's fast DIS flow,
    which takes no parameters, for smoke runs). Raises ValueError for another backend or for frames of different sizes,
    and InputError where OpenCV comes without TV-L1.
    """
    if first.shape != second.shape:
        raise ValueError(f"the frames of a pair differ in shape: {tuple(first.shape)} and {tuple(second.shape)}")
    grey = to_grey(first), to_grey(second)
    if backend == "torch":
        return tvl1(grey[0].float(), grey[1].float(), parameters)
    solve = build_solver(backend, parameters)
    flows = [solve(one.numpy(), other.numpy()) for one, other in zip(*grey, strict=True)]
    return torch.from_numpy(np.stack(flows)).permute(0, 3, 1, 2)


def build_solver(
    backend: str, parameters: TVL1Parameters
) -> Callable[[Picture, Picture], Float32[np.ndarray, "H W 2"]]:
    """Return the function that computes the flow of one pair of grey pictures. Raises as `compute_flow`."""
    if backend == "numba":
        from vibhar.videos import tvl1_numba  # its compiler takes half a second to import, and only this needs it

        return partial(tvl1_numba.tvl1, parameters=parameters)
    makers: dict[str, Callable[[], cv2.DenseOpticalFlow]] = {
        "opencv": lambda: build_tvl1(parameters),
        "dis": lambda: cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM),
    }
    if backend not in makers:
        raise ValueError(f"unknown flow backend {backend!r}; there are numba, torch, {', '.join(makers)}")
    solver = makers[backend]()
    return lambda first, second: solver.calc(first, second, np.empty(0))


def flow_of_pairs(
    frames: UInt8[np.ndarray, "U H W 3"],
    pairs: Int[np.ndarray, "P 2"],
    *,
    backend: str,
    bound: float,
    parameters: dict[str, Any],
) -> UInt8[np.ndarray, "P 2 H W"]:
    """Compute the quantised flow of each pair of frames, on a GPU if there is one and the backend can use it."""
    device = best_device() if backend == "torch" else torch.device("cpu")
    images = torch.from_numpy(frames).to(device)
    flows = [
        quantise(compute_flow(images[part[:, 0]], images[part[:, 1]], backend, TVL1Parameters(**parameters)), bound)
        for part in torch.from_numpy(pairs).to(device).split(PAIRS_AT_ONCE)
    ]
    return torch.cat(flows).cpu().numpy()


def to_grey(frames: Frames) -> UInt8[Tensor, "B H W"]:
    """Convert RGB frames to luminance, rounded as OpenCV does."""
    weights = torch.tensor(GREY, dtype=torch.int32, device=frames.device)
    return (((frames.int() * weights).sum(dim=-1) + (1 << 13)) >> 14).to(torch.uint8)


def build_tvl1(parameters: TVL1Parameters) -> cv2.DenseOpticalFlow:
    """OpenCV's solver, with every parameter given. Raises InputError where OpenCV comes without its contrib modules."""
    check_contrib()
    return cv2.optflow.DualTVL1OpticalFlow.create(
        tau=parameters.tau,
        lambda_=parameters.lambda_,
        theta=parameters.theta,
        nscales=parameters.scales,
        warps=parameters.warps,
        epsilon=parameters.epsilon,
        innnerIterations=parameters.inner_iterations,  # three n, as OpenCV spells it
        outerIterations=parameters.outer_iterations,
        scaleStep=parameters.scale_step,
        gamma=parameters.gamma,
        medianFiltering=parameters.median,
        useInitialFlow=False,
    )


def check_contrib() -> None:
    """Raise InputError where cv2 has no DualTVL1, and say which packages of OpenCV are installed over each other."""
    if hasattr(getattr(cv2, "optflow", None), "DualTVL1OpticalFlow"):
        return
    names = {distribution.name.lower() for distribution in distributions() if distribution.name}
    found = sorted(name for name in names if name.startswith("opencv"))
    raise InputError(
        f"OpenCV {cv2.__version__} here has no TV-L1 flow, which is of its contrib modules. They come with {CONTRIB}; "
        f"installed are: {', '.join(found) or 'none of its packages'}. All packages of OpenCV put their files into the "
        f"same folder, so that another one shadows it. Run `pip uninstall -y {' '.join(found or [CONTRIB])}`, then "
        f"`pip install {CONTRIB}`; or take another backend of the flow: torch."
    )


def resize_frames(frames: UInt8[np.ndarray, "T H W 3"], short_side: int) -> UInt8[np.ndarray, "T h w 3"]:
    """Resize frames so that their shorter side has `short_side` pixels; shrinking averages over areas."""
    height, width = frames.shape[1:3]
    scale = short_side / min(height, width)
    size = (round(width * scale), round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.stack([cv2.resize(frame, size, interpolation=method) for frame in frames])


def quantise(flow: Float[Tensor, "*_ H W"], bound: float) -> UInt8[Tensor, "*_ H W"]:
    """Quantise u and v from -bound .. bound to 0 .. 255, clipped beyond; no motion, at 127.5, becomes 128."""
    return (flow.clamp(-bound, bound).add(bound).mul(255 / (2 * bound)) + 0.5).floor().clamp(max=255).to(torch.uint8)


def dequantise(pictures: UInt8[Tensor, "*_ H W"], bound: float) -> Float[Tensor, "*_ H W"]:
    """Return the flow in pixels from its quantised form; the error is at most half a level, bound / 255."""
    return pictures.float() * (2 * bound / 255) - bound


def flip(pictures: UInt8[Tensor, "*_ 2L H W"]) -> UInt8[Tensor, "*_ 2L H W"]:
    """Return the quantised flow of the mirrored frames: mirrored, with u negated. Channels are u and v in turn."""
    mirrored = pictures.flip(-1)
    mirrored[..., ::2, :, :] = 255 - mirrored[..., ::2, :, :]
    return mirrored


def flow_image(pictures: UInt8[Tensor, "*_ 2 H W"]) -> UInt8[Tensor, "*_ 3 H W"]:
    """Return the quantised (u, v, magnitude) as a three-channel picture; a magnitude of 0 .. bound is 0 .. 255."""
    magnitude = (pictures.float() - 127.5).norm(dim=-3, keepdim=True).mul(2).clamp(max=255)
    return torch.cat([pictures, magnitude.round().to(torch.uint8)], dim=-3)


def color_wheel(flow: Float[Tensor, "2 H W"], bound: float) -> UInt8[np.ndarray, "H W 3"]:
    """Draw the flow in colours: direction as hue (right is red), magnitude up to `bound` as saturation."""
    u, v = flow.numpy()
    hue = (np.degrees(np.arctan2(v, u)) % 360) / 2
    saturation = 255 * np.clip(np.hypot(u, v) / bound, 0, 1)
    hsv = np.stack([hue, saturation, np.full_like(hue, 255)], axis=-1).astype(np.uint8)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
