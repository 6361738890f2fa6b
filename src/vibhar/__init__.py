"""Variational information bottlenecks that compress recurrent networks, and the experiments that measure them."""

from importlib import import_module
from typing import Any

EXPORTS = {
    "VIBLSTM": "compression.modules",
    "VIBGRU": "compression.modules",
    "prune": "compression.pruning",
    "narrow": "compression.pruning",
}


def __getattr__(name: str) -> Any:
    """Import a public name where it is asked for: torch takes seconds, and much of the package does without it."""
    if name not in EXPORTS:
        raise AttributeError(f"module 'vibhar' has no attribute '{name}'")
    return getattr(import_module(f"vibhar.{EXPORTS[name]}"), name)
