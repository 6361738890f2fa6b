"""The modules of the device folder, which is no package, and programs that stand in for what a machine has."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from vibhar.edge.bundle import DEVICE


def load(name: str) -> ModuleType:
    """A module of the device folder."""
    if str(DEVICE) not in sys.path:
        sys.path.append(str(DEVICE))  # for its neighbours
    specification = importlib.util.spec_from_file_location(name, DEVICE / f"{name}.py")
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def write_program(path: Path, text: str) -> Path:
    """Write a script of sh that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path
