"""The device that models run on: a GPU where there is one."""

import torch


def best_device() -> torch.device:
    """The first GPU where there is one, else the processor. CUDA_VISIBLE_DEVICES="" keeps a run off the GPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
