"""A stand-in for a Raspberry Pi 3, built once."""

import pytest

from tests.edge.aarch64 import Aarch64, build


@pytest.fixture(scope="session")
def aarch64(pytestconfig: pytest.Config) -> Aarch64:
    return build(pytestconfig.cache.mkdir("aarch64"))
