"""Check for free disk space, and report a full disk in one paragraph."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vibhar.errors import InputError


@contextmanager
def room_for(needed: int, folder: Path) -> Iterator[None]:
    """Check that the disk of `folder` has `needed` bytes free, before and while the body of the `with` writes to it.

    Raises InputError with the needed and the free bytes if the disk is full.
    """
    if needed > shutil.disk_usage(folder).free:
        raise full_disk(needed, folder)
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise full_disk(needed, folder) from error


def full_disk(needed: int, folder: Path) -> InputError:
    """Return the InputError for a full disk."""
    free = shutil.disk_usage(folder).free
    return InputError(
        f"The disk is full: {needed / 1e9:.2f} GB are needed in {folder}, and {free / 1e9:.2f} GB are free. Make "
        "room, or make the folder a link to a larger disk, and run this again."
    )
