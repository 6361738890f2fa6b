"""Stage: download an archive of a dataset and unpack it."""

from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from vibhar.files.fetching import download
from vibhar.files.unpacking import check_tool, unpack
from vibhar.stages.command import Settings, run


def fetch(*, folder: Path, settings: Settings) -> None:
    """Download an archive to the folder around `folder`, check it, and unpack it to `folder`.

    `settings`: url, and size and sha256, which may be None. Raises InputError if any step fails.
    """
    archive = folder.with_name(PurePosixPath(urlsplit(settings["url"]).path).name)
    check_tool(archive)  # before gigabytes are downloaded that cannot be unpacked
    download(path=archive, **settings)
    unpack(archive, folder)


if __name__ == "__main__":
    run(fetch)
