"""The hash of what a clip shows: equal in any container, another for any other frame, order, number or size."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.stages.test_index import remux
from tests.videos.clips import HEIGHT, WIDTH, write_clip
from vibhar.videos.content import ContentHash, signature
from vibhar.videos.decoding import inspect


@pytest.mark.parametrize(("codec", "pixels"), [("mpeg4", "yuv420p"), ("libx264", "yuv420p"), ("ffv1", "yuv444p10le")])
def test_a_clip_in_another_container_has_the_same_hash(tmp_path: Path, codec: str, pixels: str) -> None:
    given = write_clip(tmp_path / "a.mkv", container="matroska", codec=codec, pixels=pixels)
    remux(given, tmp_path / "b.mkv")
    assert inspect(given).content == inspect(tmp_path / "b.mkv").content
    shorter = write_clip(tmp_path / "c.mkv", container="matroska", codec=codec, pixels=pixels, frames=39)
    assert inspect(given).content != inspect(shorter).content


def hash_of(*pictures: np.ndarray, pixels: str = "yuv420p") -> str:
    """The hash of a clip of some pictures."""
    content = ContentHash()
    for picture in pictures:
        content.add(av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixels))
    return content.hexdigest()


@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p", "gray", "rgb24", "yuv422p", "nv12", "yuv420p10le"])
def test_every_frame_counts_and_the_padding_of_rows_does_not(pixels: str) -> None:
    first, second = np.random.default_rng(0).integers(0, 256, (2, HEIGHT + 1, WIDTH - 27, 3), np.uint8)
    clip = hash_of(first, second, first, pixels=pixels)
    assert clip == hash_of(first.copy(), second, first, pixels=pixels)
    changed = second.copy()
    changed[-8:, -8:] ^= 128
    others = [(first, changed, first), (second, first, first), (first, second), (first, second, first, first)]
    assert clip not in [hash_of(*pictures, pixels=pixels) for pictures in others]
    assert hash_of(first[:, :-2], pixels=pixels) != hash_of(first, pixels=pixels)


def test_signatures_of_pictures_that_look_alike_are_near() -> None:
    coarse = 2 * np.random.default_rng(1).integers(0, 128, (2, 8, 9, 1), np.uint8)
    large = np.broadcast_to(np.kron(coarse, np.ones((1, 12, 10, 1), np.uint8)), (2, 96, 90, 3))
    assert signature(large) == signature(np.ascontiguousarray(large[:, ::2, ::2]))
    darker, own = (int(signature(pictures), 16) for pictures in (large // 2, large))
    assert (darker ^ own).bit_count() <= 2  # of 128: blocks that are equally bright
    assert signature(large) != signature(large[::-1])
    assert len(signature(np.ascontiguousarray(large[:, ::12, ::10][:, :3, :4]))) == 2 * 16  # fewer pixels than blocks


def test_a_picture_of_one_colour_has_no_signature() -> None:
    assert signature(np.full((2, 96, 90, 3), 7, np.uint8)) == ""
