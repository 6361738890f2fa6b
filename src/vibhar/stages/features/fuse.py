"""Stage: name the stores of several CNNs as one store, whose features are joined frame by frame."""

from pathlib import Path

from vibhar.features.fused import write_fused
from vibhar.stages.command import run


def fuse_features(*, stores: list[Path], store: Path) -> None:
    """Write the file of features [clip, view, crop, frame, sum of dims] of `stores`, which hold the same clips."""
    write_fused(stores, store)


if __name__ == "__main__":
    run(fuse_features)
