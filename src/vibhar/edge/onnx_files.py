"""Export networks as ONNX files, and quantise them to int8."""

import warnings
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

OPSET = 17  # onnxruntime 1.13 and newer read it


def export_onnx(network: nn.Module, example: torch.Tensor, path: Path, *, name: str, free: tuple[int, ...]) -> None:
    """Write `network`, whose input `name` may have other sizes than the `example` along the axes `free`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the older exporter, which keeps an LSTM as one operator
        torch.onnx.export(
            network.eval(),
            (example,),
            str(path),
            input_names=[name],
            output_names=["output"],
            dynamic_axes={name: {axis: f"axis{axis}" for axis in free}, "output": {0: "axis0"}},
            opset_version=OPSET,
            dynamo=False,
        )


def quantise(path: Path, quantised: Path) -> None:
    """Write an ONNX file with int8 weights (one scale per matrix); activations are quantised at run time."""
    quantize_dynamic(path, quantised, weight_type=QuantType.QInt8)
