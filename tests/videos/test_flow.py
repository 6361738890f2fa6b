"""TV-L1 flow: known motions are found, the batched scheme is OpenCV's, and quantised flow keeps its meaning."""

import platform
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from vibhar.errors import InputError
from vibhar.videos.flow import color_wheel, compute_flow, dequantise, flip, flow_image, quantise, resize_frames
from vibhar.videos.tvl1 import TVL1Parameters, divergence, forward_gradient

BACKENDS = ("opencv", "numba", "torch", "dis")
HEIGHT, WIDTH = 64, 80
CHANGES: list[dict[str, Any]] = [{"scales": 2}, {"warps": 2}, {"median": 1}, {"lambda_": 0.05}, {"scale_step": 0.5}]
MORE: list[dict[str, Any]] = [
    *({}, {"median": 3}, {"tau": 0.1}, {"theta": 0.5}, {"epsilon": 0.1}, {"scale_step": 0.98}),
    *({"inner_iterations": 7}, {"outer_iterations": 1}),
]


def texture(seed: int) -> np.ndarray:
    """A smooth random picture, larger than what is shown of it."""
    noise = np.random.default_rng(seed).random((HEIGHT + 32, WIDTH + 32, 3)).astype(np.float32)
    blurred = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return 255 * (blurred - blurred.min()) / (blurred.max() - blurred.min())


def moved(picture: np.ndarray, u: float, v: float) -> Tensor:
    """The middle of the picture, after it has moved by (u, v) pixels."""
    shift = np.array([[1, 0, u - 16], [0, 1, v - 16]], np.float32)
    seen = cv2.warpAffine(picture, shift, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
    return torch.from_numpy(seen.clip(0, 255).round().astype(np.uint8))


def pairs(*motions: tuple[float, float]) -> tuple[Tensor, Tensor]:
    """A pair of frames for each motion."""
    first = [moved(texture(seed), 0, 0) for seed, _ in enumerate(motions)]
    second = [moved(texture(seed), *motion) for seed, motion in enumerate(motions)]
    return torch.stack(first), torch.stack(second)


def difference(flow: Float[Tensor, "B 2 H W"], other: Float[Tensor, "B 2 H W"]) -> float:
    """The mean end-point difference, in pixels."""
    return (flow - other).norm(dim=1).mean().item()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("motion", [(1.5, -0.75), (-4.0, 2.5)])
def test_a_known_motion_is_found(backend: str, motion: tuple[float, float]) -> None:
    flow = compute_flow(*pairs(motion), backend, TVL1Parameters())
    inner = flow[:, :, 8:-8, 8:-8]  # what enters at the border cannot be matched
    assert difference(inner, torch.tensor(motion).view(1, 2, 1, 1).expand_as(inner)) < 0.15


def test_the_batched_scheme_is_opencv_s() -> None:
    frames = pairs((1.5, -0.75), (0.3, 0.2), (-4.0, 2.5))
    reference = compute_flow(*frames, "opencv", TVL1Parameters())
    assert difference(compute_flow(*frames, "torch", TVL1Parameters()), reference) < 0.01


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_with_other_parameters_too(change: dict[str, Any]) -> None:
    frames, parameters = pairs((1.5, -0.75)), TVL1Parameters(**change)
    reference = compute_flow(*frames, "opencv", parameters)
    assert difference(compute_flow(*frames, "torch", parameters), reference) < 0.02


@pytest.mark.parametrize("side", [18, HEIGHT])  # of 18 pixels, 98 % are 18
@pytest.mark.parametrize("change", CHANGES + MORE)
def test_the_compiled_loops_give_opencv_s_numbers(change: dict[str, Any], side: int) -> None:
    first, second = (part[:, :side, :side] for part in pairs((1.5, -0.75), (0.3, 0.2), (-4.0, 2.5)))
    flow, reference = (
        compute_flow(first, second, backend, TVL1Parameters(**change)) for backend in ("numba", "opencv")
    )
    assert difference(flow, reference) < 0.05
    if platform.machine() == "x86_64":  # elsewhere OpenCV may have been compiled to round a product and a sum at once
        assert torch.equal(flow, reference)


def test_a_pair_does_not_depend_on_the_others_of_its_batch() -> None:
    first, second = pairs((1.5, -0.75), (0.0, 0.0), (3.0, 1.0))
    together = compute_flow(first, second, "torch", TVL1Parameters())
    alone = [compute_flow(first[[i]], second[[i]], "torch", TVL1Parameters()) for i in range(3)]
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-4, rtol=0)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("size", [(12, 16), (17, 33), (90, 41)])
def test_any_size_will_do_and_stillness_is_none(backend: str, size: tuple[int, int]) -> None:
    frame = torch.from_numpy(np.random.default_rng(0).integers(0, 255, (1, *size, 3)).astype(np.uint8))
    flow = compute_flow(frame, frame, backend, TVL1Parameters())
    assert flow.shape == (1, 2, *size)
    assert flow.abs().max() < 0.02


def test_the_divergence_is_the_gradient_s_adjoint() -> None:
    flow, dual = torch.randn(1, 2, 5, 7), torch.randn(1, 2, 2, 5, 7)
    dual[..., 0, :, -1] = dual[..., 1, -1, :] = 0  # as projections of a forward gradient are
    torch.testing.assert_close((forward_gradient(flow) * dual).sum(), -(flow * divergence(dual)).sum())


def test_what_cannot_be_computed_is_an_error() -> None:
    first, second = pairs((1.0, 0.0))
    with pytest.raises(ValueError, match="unknown flow backend 'farneback'"):
        compute_flow(first, second, "farneback", TVL1Parameters())
    with pytest.raises(ValueError, match="differ in shape"):
        compute_flow(first, second[:, 1:], "opencv", TVL1Parameters())
    for backend in ("numba", "torch"):
        with pytest.raises(ValueError, match="gamma"):
            compute_flow(first, second, backend, TVL1Parameters(gamma=0.1))


@pytest.mark.parametrize("module", [None, object()], ids=["no contrib", "contrib of another package"])
def test_opencv_without_its_contrib_modules_is_told(monkeypatch: pytest.MonkeyPatch, module: object) -> None:
    if module is None:
        monkeypatch.delattr(cv2, "optflow")
    else:
        monkeypatch.setattr(cv2, "optflow", module)
    frames = pairs((1.0, 0.0))
    with pytest.raises(InputError, match="opencv-contrib-python-headless") as caught:
        compute_flow(*frames, "opencv", TVL1Parameters())
    assert "shadows it" in str(caught.value) and "\n" not in str(caught.value)
    assert difference(compute_flow(*frames, "dis", TVL1Parameters()), torch.zeros(1, 2, HEIGHT, WIDTH)) > 0.5


def test_quantised_levels() -> None:
    flow = torch.tensor([-50.0, -20.0, 0.0, 10.0, 20.0, 50.0]).view(1, -1)
    assert quantise(flow, 20).flatten().tolist() == [0, 0, 128, 191, 255, 255]
    inside = torch.linspace(-20, 20, 1001).view(1, -1)
    assert (dequantise(quantise(inside, 20), 20) - inside).abs().max() <= 20 / 255 + 1e-4


def test_the_flow_of_mirrored_frames_is_the_flipped_flow() -> None:
    first, second = pairs((2.0, 1.0))
    flow = quantise(compute_flow(first, second, "opencv", TVL1Parameters()), 20)
    mirrored = quantise(compute_flow(first.flip(2), second.flip(2), "opencv", TVL1Parameters()), 20)
    assert (flip(flow).int() - mirrored.int()).abs().float().mean() < 0.5
    torch.testing.assert_close(flip(flip(flow)), flow)
    stack = torch.cat([flow, flow], dim=1)
    torch.testing.assert_close(flip(stack), torch.cat([flip(flow)] * 2, dim=1))


def test_the_image_shows_the_magnitude() -> None:
    flow = torch.tensor([3.0, 4.0]).view(1, 2, 1, 1)
    u, v, magnitude = flow_image(quantise(flow, 20)).flatten().tolist()
    assert [u, v] == quantise(flow, 20).flatten().tolist()
    assert abs(magnitude - 255 * 5 / 20) <= 1


def test_frames_are_resized_by_their_shorter_side() -> None:
    assert resize_frames(np.zeros((2, 40, 60, 3), np.uint8), 20).shape == (2, 20, 30, 3)
    assert resize_frames(np.zeros((1, 60, 40, 3), np.uint8), 80).shape == (1, 120, 80, 3)


def test_the_colour_wheel_shows_direction_and_magnitude() -> None:
    flow = torch.zeros(2, 1, 3)
    flow[0, 0] = torch.tensor([5.0, -5.0, 0.0])
    right, left, still = color_wheel(flow, 5.0)[0].tolist()
    assert (right, left, still) == ([255, 0, 0], [0, 255, 255], [255, 255, 255])
