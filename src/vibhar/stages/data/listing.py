"""Stage: list the clips of a dataset, without opening them."""

from pathlib import Path

from vibhar.datasets.surveying import find_clips
from vibhar.files.writing import complete
from vibhar.stages.command import Settings, run


def list_clips(*, root: Path, listing: Path, settings: Settings) -> None:
    """Write the clip names and paths of the dataset at `root`. `settings`: kind, classes."""
    clips = find_clips(settings["kind"], root, classes=settings["classes"])
    with complete(listing) as temporary:
        clips[["clip", "path"]].to_parquet(temporary)


if __name__ == "__main__":
    run(list_clips)
