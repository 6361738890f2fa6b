"""Downloads that go on where they stopped, and whose size and SHA-256 are checked."""

import hashlib
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import cast
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tqdm import tqdm

from vibhar.errors import InputError
from vibhar.files.disk import room_for
from vibhar.files.writing import write_json

BLOCK = 1 << 20  # bytes
PATIENCE = 60  # seconds without a byte


def download(url: str, path: Path, size: int | None = None, sha256: str | None = None) -> None:
    """Download `url` to `path` and check its size in bytes and its SHA-256; a file that is there is only checked.

    What a broken download leaves in `<name>.part` is taken up again. `<name>.json` records what came: where `size` or
    `sha256` is None, later runs check that. A wrong file is kept as `<name>.wrong`. Raises InputError for all that a
    network, a server or a disk can do.
    """
    record = path.with_name(f"{path.name}.json")
    known = json.loads(record.read_text()) if record.exists() else {}
    file = path
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.with_name(f"{path.name}.part")
        with explained(url, path):
            receive(url, file, size, vouched=sha256 is not None)
    found = {"url": url, "size": file.stat().st_size, "sha256": digest(file)}
    check(file, path, found, {"size": size or known.get("size"), "sha256": sha256 or known.get("sha256")})
    file.replace(path)
    if not known:
        note = "" if sha256 else "Nobody has published a checksum: this is that of the first download."
        print(f"{path.name}: {found['size']:,} bytes, SHA-256 {found['sha256']}. {note}")
        write_json(found | {"note": note}, record)


def receive(url: str, part: Path, size: int | None, *, vouched: bool) -> None:
    """Append to `part` what it lacks of the `size` bytes of `url`; without a `size` the server's word is taken."""
    offset = part.stat().st_size if part.exists() else 0
    if offset and offset == size:
        return
    try:
        response = connect(url, offset, vouched)
    except HTTPError as error:
        if error.code != 416:
            raise
        if error.headers["Content-Range"] == f"bytes */{offset}":
            return
        part.unlink()  # it is longer than the file
        raise
    with response:
        offset = offset if response.status == 206 else 0  # the server may send the whole all the same
        length = response.headers["Content-Length"]
        total = size or (offset + int(length) if length else 0)
        with room_for(total - offset, part.parent):
            append(response, part, offset, total)
    if part.stat().st_size < total:
        raise InputError(
            f"The connection to {url} broke after {part.stat().st_size:,} of {total:,} bytes. They are kept in {part}; "
            "run this again to go on from there."
        )


def connect(url: str, offset: int, vouched: bool) -> HTTPResponse:
    """Ask for the bytes from `offset` on.

    Where a checksum vouches for the file, the certificate is not checked: that of www.crcv.ucf.edu is reported to come
    without its chain, so that most clients refuse it.
    """
    context = ssl.create_default_context()
    if vouched:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    headers = {"User-Agent": "vibhar"} | ({"Range": f"bytes={offset}-"} if offset else {})
    return cast(HTTPResponse, urlopen(Request(url, headers=headers), timeout=PATIENCE, context=context))


def append(response: HTTPResponse, part: Path, offset: int, total: int) -> None:
    """Write the body of `response` to `part`, from byte `offset` on."""
    bar = tqdm(initial=offset, total=total or None, unit="B", unit_scale=True, mininterval=5, desc=part.stem)
    with part.open("ab" if offset else "wb") as file, bar:
        while block := response.read(BLOCK):
            file.write(block)
            bar.update(len(block))


def digest(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check(file: Path, path: Path, found: dict, expected: dict) -> None:
    """Set a file aside and raise InputError where its size or its checksum is not the expected one, if there is one."""
    wrong = [key for key, value in expected.items() if value is not None and value != found[key]]
    if wrong:
        aside = file.replace(path.with_name(f"{path.name}.wrong"))
        differences = " and ".join(f"the {key} {found[key]}, not {expected[key]}" for key in wrong)
        raise InputError(
            f"{path}, from {found['url']}, has {differences}: it is damaged, or another file than it was. It is kept "
            f"as {aside}. Run this again to download it anew; if that does not help, put the right file in its place."
        )


@contextmanager
def explained(url: str, path: Path) -> Iterator[None]:
    """Raise InputError for what can happen between here and the server."""
    try:
        yield
    except (OSError, HTTPException) as error:
        raise InputError(
            f"{url} could not be downloaded: {describe(error)}. Run this again later, and it goes on where it stood; "
            f"or get the file in another way and put it at {path}, where it is checked and used."
        ) from error


def describe(error: Exception) -> str:
    """What happened, in words."""
    if isinstance(error, HTTPError):
        return f"the server answers {error.code} {error.reason}"
    match getattr(error, "reason", error):  # urllib wraps what happens before the answer
        case socket.gaierror():
            return "the name of the server is not known here, as on a machine that is offline"
        case ConnectionRefusedError():
            return "the server refuses the connection"
        case ssl.SSLCertVerificationError() as reason:
            return f"the certificate of the server is not valid ({reason})"
        case TimeoutError():
            return f"the server was silent for {PATIENCE} seconds"
        case reason:
            return str(reason)
