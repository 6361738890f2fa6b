"""Download files: resume broken downloads, and check size and SHA-256."""

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
PATIENCE = 60  # seconds without a byte before the download fails


def download(url: str, path: Path, size: int | None = None, sha256: str | None = None) -> None:
    """Download `url` to `path` and check its size in bytes and its SHA-256; an existing file is only checked.

    A broken download stays in `<name>.part`, and the next call resumes it. `<name>.json` records size and SHA-256 of
    the first download: if `size` or `sha256` is None, later calls check against that record. A wrong file is kept as
    `<name>.wrong`. Raises InputError for errors of the network, the server or the disk, and for a wrong file.
    """
    record = path.with_name(f"{path.name}.json")
    known = json.loads(record.read_text("utf-8")) if record.exists() else {}
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
    """Append the missing bytes of `url` to `part`; if `size` is None, the server says how many bytes there are."""
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
        offset = offset if response.status == 206 else 0  # a server may ignore the range and send the whole file
        length = response.headers["Content-Length"]
        total = size or (offset + int(length) if length else 0)
        with room_for(total - offset, part.parent):
            append(response, part, offset, total)
    if part.stat().st_size < total:
        raise InputError(
            f"The connection to {url} broke after {part.stat().st_size:,} of {total:,} bytes. They are kept in {part}; "
            "run this again to resume from there."
        )


def connect(url: str, offset: int, vouched: bool) -> HTTPResponse:
    """Request the bytes from `offset` on.

    If a known checksum protects the file (`vouched`), the TLS certificate is not checked: www.crcv.ucf.edu is reported
    to send its certificate without the chain, so that most clients refuse it.
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
    """Return the SHA-256 of a file, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check(file: Path, path: Path, found: dict, expected: dict) -> None:
    """Raise InputError if size or checksum differ from the expected ones (None: not checked); rename the file then."""
    wrong = [key for key, value in expected.items() if value is not None and value != found[key]]
    if wrong:
        aside = file.replace(path.with_name(f"{path.name}.wrong"))
        differences = " and ".join(f"the {key} {found[key]}, not {expected[key]}" for key in wrong)
        raise InputError(
            f"{path}, from {found['url']}, has {differences}: it is damaged, or the server has another file now. It is "
            f"kept as {aside}. Run this again to download it again; if that fails too, put the right file in its place."
        )


@contextmanager
def explained(url: str, path: Path) -> Iterator[None]:
    """Turn network and server errors into an InputError."""
    try:
        yield
    except (OSError, HTTPException) as error:
        raise InputError(
            f"{url} could not be downloaded: {describe(error)}. Run this again later, and the download resumes; "
            f"or get the file in another way and put it at {path}, where it is checked and used."
        ) from error


def describe(error: Exception) -> str:
    """Return a phrase that says what the network or server error was."""
    if isinstance(error, HTTPError):
        return f"the server answers {error.code} {error.reason}"
    match getattr(error, "reason", error):  # urllib wraps errors that happen before the response
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
