"""A stand-in for a Raspberry Pi 3's Python, built once."""

from pathlib import Path

import pytest

from tests.edge.aarch64 import build_python


@pytest.fixture(scope="session")
def arm_python(pytestconfig: pytest.Config) -> Path:
    return build_python(pytestconfig.cache.mkdir("aarch64"))
