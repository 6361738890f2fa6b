"""Export the CNN of a bundle as ONNX, and return the constants of its preprocessing."""

from pathlib import Path
from typing import Any

import torch

from vibhar.edge.onnx_files import export_onnx
from vibhar.features.cnn import build_trunk, preprocessing


def write_cnn(backbone: str, trunk: Path, path: Path) -> dict[str, Any]:
    """Write the trunk as ONNX to `path`; return backbone, resize and crop (pixels), interpolation, mean and std."""
    preset: Any = preprocessing(backbone)
    size = preset.crop_size[0]
    export_onnx(build_trunk(backbone, str(trunk)), torch.rand(1, 3, size, size), path, name="images", free=(0,))
    return {
        "backbone": backbone,
        "resize": preset.resize_size[0],
        "crop": size,
        "interpolation": preset.interpolation.value,
        "mean": list(preset.mean),
        "std": list(preset.std),
    }
