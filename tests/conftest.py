"""Where the tests find the real clips, split lists and weights, which are never part of the repository."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = Path(os.environ.get("VIBHAR_REAL_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set VIBHAR_REAL_DATA to the folder that holds it")
    return folder
