"""Unpack .zip and .rar archives completely or not at all, and never outside their folder."""

import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, TypeAlias, cast

import rarfile
from tqdm import tqdm

from vibhar.errors import InputError
from vibhar.files.disk import room_for

Archive: TypeAlias = zipfile.ZipFile | rarfile.RarFile  # they have the same methods
Member: TypeAlias = zipfile.ZipInfo | rarfile.RarInfo
FORMATS = {".zip": zipfile.ZipFile, ".rar": rarfile.RarFile}
DAMAGE = (zipfile.BadZipFile, rarfile.Error, zlib.error, EOFError)


def check_tool(archive: Path) -> None:
    """Raise InputError if `archive` is a .rar and no installed program can unpack it."""
    try:
        if archive.suffix.lower() == ".rar":
            rarfile.tool_setup(bsdtar=False)  # libarchive fails on many members of RAR archives
    except rarfile.RarCannotExec as error:
        raise InputError(
            f"No program was found that unpacks {archive.name}. Install unar, unrar, or 7-Zip with its RAR codec "
            "(`apt-get install unar`, `brew install unar`), and run this again."
        ) from error


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a .zip or .rar, and each .rar in it, to `folder`, which appears when it is complete.

    If the archive has a top folder of the same name, the content of that goes to `folder`, else everything does. Raises
    InputError for a damaged archive, a full disk, or a member that is a link or would leave the folder; in these cases
    nothing is left on the disk.
    """
    temporary = folder.with_name(f".partial-{folder.name}")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        extract(archive, temporary)
        for inner in sorted(temporary.rglob("*.rar")):
            extract(inner, inner.parent)
            inner.unlink()
        inside = temporary / folder.name
        (inside if inside.is_dir() else temporary).replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def extract(archive: Path, folder: Path) -> None:
    """Check all members of the archive, then write them to `folder`. Raises InputError if that fails."""
    try:
        with FORMATS[archive.suffix.lower()](archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            if not members:
                raise InputError(f"{archive} holds no files that can be read. Remove it, and run this again.")
            for member in members:
                check_member(archive, member)
            folder.mkdir(parents=True, exist_ok=True)
            with room_for(sum(member.file_size for member in members), folder):
                for member in tqdm(members, unit="file", mininterval=5, desc=archive.name):
                    write_member(opened, member, folder / member.filename)
    except DAMAGE as error:
        raise InputError(
            f"{archive} cannot be unpacked: {error or type(error).__name__}. If it is damaged, remove it and run this "
            "again. If it is a .rar, `unar` or `unrar` may do what another program cannot: install one of them."
        ) from error


def check_member(archive: Path, member: Member) -> None:
    """Raise InputError if `member` is a link, or its path is absolute or leaves the folder by `..`."""
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if is_link(member) or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise InputError(
            f"{archive} has the member {member.filename!r}, which is a link or would leave the folder that it is "
            "unpacked to. None of it was unpacked. Get the archive from the dataset's own page."
        )


def is_link(member: Member) -> bool:
    """Return whether `member` is a link of any kind."""
    if isinstance(member, zipfile.ZipInfo):
        return stat.S_ISLNK(member.external_attr >> 16)
    return member.is_symlink() or member.file_redir is not None


def write_member(opened: Archive, member: Member, path: Path) -> None:
    """Write one member to `path`; its checksum is checked while it is read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with cast(IO[bytes], opened.open(member)) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
