"""Cached crops: the central one is the network's own, the others lie where their draw says."""

import torch

from vibhar.features.crops import Draw, crop, draw_crops
from vibhar.features.small_cnn import small_preprocessing

PRESET = small_preprocessing()  # 72 -> 64


def ramps() -> torch.Tensor:
    """Columns that count from the left in red, rows that count from the top in green."""
    image = torch.zeros(1, 3, 72, 96, dtype=torch.uint8)
    image[:, 0] = torch.arange(96, dtype=torch.uint8)
    image[:, 1] = torch.arange(72, dtype=torch.uint8)[:, None]
    return image


def corner(images: torch.Tensor) -> tuple[int, int]:
    """Row and column of the picture that the upper left pixel shows."""
    red, green = images[0, :2, 0, 0] * torch.tensor(PRESET.std[:2]) + torch.tensor(PRESET.mean[:2])
    return round(255 * green.item()), round(255 * red.item())


def test_the_crop_lies_where_its_draw_says() -> None:
    assert corner(crop(ramps(), PRESET, Draw(0.0, 0.0, False))) == (0, 0)
    assert corner(crop(ramps(), PRESET, Draw(1.0, 1.0, False))) == (8, 32)
    assert corner(crop(ramps(), PRESET, Draw(0.5, 0.25, False))) == (4, 8)


def test_a_crop_at_the_centre_is_the_network_s_own() -> None:
    torch.testing.assert_close(crop(ramps(), PRESET, Draw(0.5, 0.5, False)), PRESET(ramps()))


def test_more_crops_add_some_and_change_none() -> None:
    assert draw_crops(5, True, 3)[:2] == draw_crops(3, True, 3)
    assert len(draw_crops(1, True, 3)) == 0
    assert not any(draw.mirrored for draw in draw_crops(30, False, 3))
    assert 0 < sum(draw.mirrored for draw in draw_crops(30, True, 3)) < 29
