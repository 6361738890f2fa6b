"""Choose the device that models run on: the first GPU if there is one, else the CPU."""

import torch


def best_device() -> torch.device:
    """Return the first GPU if there is one, else the CPU. CUDA_VISIBLE_DEVICES="" keeps a run on the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
