"""Compress LSTMs and GRUs with variational information bottlenecks, and run the experiments that measure the effect."""

from importlib import import_module
from typing import Any

EXPORTS = {
    "VIBLSTM": "compression.modules",
    "VIBGRU": "compression.modules",
    "prune": "compression.pruning",
    "narrow": "compression.pruning",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use: torch takes seconds to import, and much of the package does not need it."""
    if name not in EXPORTS:
        raise AttributeError(f"module 'vibhar' has no attribute '{name}'")
    return getattr(import_module(f"vibhar.{EXPORTS[name]}"), name)
