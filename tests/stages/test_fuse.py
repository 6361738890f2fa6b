"""Fused features: those of each CNN side by side, and what the tables say of them."""

import json
from pathlib import Path

import numpy as np

from vibhar.features.fused import open_features
from vibhar.files.arrays import save_array
from vibhar.stages.features.describe_fused import describe_fused
from vibhar.stages.features.fuse import fuse_features


def test_features_stand_side_by_side(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    parts = [random.random((4, 2, 1, 3, width)).astype(np.float16) for width in (5, 2)]
    for name, part in zip("ab", parts, strict=True):
        save_array(part, tmp_path / f"{name}.npy")
    fuse_features(stores=[tmp_path / "a.npy", tmp_path / "b.npy"], store=tmp_path / "c.json")
    fused = open_features(tmp_path / "c.json")[tuple(np.ogrid[:4, :2, :1, :3])]
    np.testing.assert_array_equal(fused[..., :5], parts[0])
    np.testing.assert_array_equal(fused[..., 5:], parts[1])


def test_the_trunks_add_up(tmp_path: Path) -> None:
    for name, size in (("a", 3), ("b", 4)):
        (tmp_path / name).write_text(json.dumps({"backbone": name, "label": f"of {name}", "parameters": size}))
    describe_fused(descriptions=[tmp_path / "a", tmp_path / "b"], description=tmp_path / "c")
    assert json.loads((tmp_path / "c").read_text()) == {"backbone": "a + b", "label": "of a + of b", "parameters": 7}
