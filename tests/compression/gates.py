"""Gates for the tests: open ones that change nothing, and random masks."""

import torch
from torch import nn

from vibhar.compression.bottleneck import Bottleneck
from vibhar.compression.modules import VIBGRU, VIBLSTM


def open_gates(vib: VIBLSTM | VIBGRU) -> None:
    """mu = 1 and sigma = 0 everywhere: gates that change nothing."""
    for module in vib.modules():
        if isinstance(module, Bottleneck):
            nn.init.constant_(module.mean, 1.0)
            nn.init.constant_(module.log_variance, -200.0)


@torch.no_grad()
def random_gates(vib: VIBLSTM | VIBGRU, openness: float) -> None:
    """Means near 1, and a mask that is open with the given probability, but for one unit of each cell and one input."""
    for module in vib.modules():
        if isinstance(module, Bottleneck):
            nn.init.normal_(module.mean, 1.0, 0.2)
            module.log_variance[torch.rand(len(module.mean)) > openness] = 9.0
    vib.bottlenecks.inputs.log_variance[0] = -9.0
    for cell in range(len(vib.bottlenecks.cells)):
        for name in vib.bottlenecks.names.needed:
            vib.bottlenecks.gate(name, cell).log_variance[0] = -9.0
