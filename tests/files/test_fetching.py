"""Downloads from a server on this machine that breaks off, lies and refuses; and the stage that unpacks them."""

import errno
import hashlib
import io
import json
import socket
import ssl
import threading
import zipfile
from collections import namedtuple
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest

from vibhar.errors import InputError
from vibhar.files import fetching
from vibhar.files.fetching import download
from vibhar.stages.data.fetch import fetch

CONTENT = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves bytes, from the middle too, and hangs up after `server.limit` of them."""

    server: Any

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.server.ranges.append(asked)
        content = self.server.files.get(self.path)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.server.resumes else 0
        if content is None:
            return self.send_error(404)
        if start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            return self.end_headers()
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start:][: self.server.limit])
        return None

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture
def server() -> Iterator[Any]:
    serving: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving.files, serving.ranges, serving.limit, serving.resumes = {"/a.bin": CONTENT}, [], None, True
    serving.url = f"http://127.0.0.1:{serving.server_port}/a.bin"
    thread = threading.Thread(target=serving.serve_forever, args=(0.01,))
    thread.start()
    yield serving
    serving.shutdown()
    thread.join()
    serving.server_close()


def test_a_download_is_checked_and_recorded_and_not_repeated(server: Any, tmp_path: Path) -> None:
    path = tmp_path / "data" / "a.bin"
    for _ in range(2):
        download(server.url, path, len(CONTENT), SHA256)
    assert path.read_bytes() == CONTENT
    assert server.ranges == [None]
    record = json.loads((tmp_path / "data" / "a.bin.json").read_text())
    assert record == {"url": server.url, "size": len(CONTENT), "sha256": SHA256, "note": ""}
    assert {file.name for file in path.parent.iterdir()} == {"a.bin", "a.bin.json"}


@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_a_broken_download_goes_on_where_it_stood(server: Any, tmp_path: Path, size: int | None) -> None:
    server.limit = 100_000
    with pytest.raises(InputError, match="broke after 100,000 of 512,000 bytes"):
        download(server.url, tmp_path / "a.bin", size, SHA256)
    assert [file.name for file in tmp_path.iterdir()] == ["a.bin.part"]
    server.limit = None
    download(server.url, tmp_path / "a.bin", size, SHA256)
    assert server.ranges == [None, "bytes=100000-"]
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_a_server_that_sends_the_whole_again_is_understood(server: Any, tmp_path: Path) -> None:
    (tmp_path / "a.bin.part").write_bytes(CONTENT[:1000])
    server.resumes = False
    download(server.url, tmp_path / "a.bin", None, SHA256)
    assert server.ranges == ["bytes=1000-"]
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_a_download_that_was_killed_at_its_end_is_complete(server: Any, tmp_path: Path, size: int | None) -> None:
    (tmp_path / "a.bin.part").write_bytes(CONTENT)
    download(server.url, tmp_path / "a.bin", size, SHA256)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_a_part_that_is_too_long_is_dropped(server: Any, tmp_path: Path) -> None:
    (tmp_path / "a.bin.part").write_bytes(CONTENT + b"more")
    with pytest.raises(InputError, match="the server answers 416"):
        download(server.url, tmp_path / "a.bin", len(CONTENT), SHA256)
    download(server.url, tmp_path / "a.bin", len(CONTENT), SHA256)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_a_wrong_file_is_set_aside(server: Any, tmp_path: Path) -> None:
    server.files["/a.bin"] = CONTENT[::-1]
    with pytest.raises(InputError, match=r"has the sha256 \w+, not .* kept as .*a\.bin\.wrong\. Run this again"):
        download(server.url, tmp_path / "a.bin", len(CONTENT), SHA256)
    assert [file.name for file in tmp_path.iterdir()] == ["a.bin.wrong"]
    server.files["/a.bin"] = CONTENT
    download(server.url, tmp_path / "a.bin", len(CONTENT), SHA256)
    assert server.ranges == [None, None]


def test_a_file_that_somebody_put_there_is_checked(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(CONTENT)
    download("http://nowhere.invalid/a.bin", tmp_path / "a.bin", None, SHA256)
    (tmp_path / "a.bin").write_bytes(CONTENT[1:])
    with pytest.raises(InputError, match="has the size 511999, not 512000 and the sha256"):
        download("http://nowhere.invalid/a.bin", tmp_path / "a.bin", None, SHA256)


def test_what_nobody_recorded_is_recorded_at_first_and_checked_then(server: Any, tmp_path: Path) -> None:
    download(server.url, tmp_path / "a.bin")
    record = json.loads((tmp_path / "a.bin.json").read_text())
    assert (record["size"], record["sha256"]) == (len(CONTENT), SHA256)
    assert "Nobody has published a checksum" in record["note"]
    download(server.url, tmp_path / "a.bin")
    (tmp_path / "a.bin").write_bytes(CONTENT[::-1])
    with pytest.raises(InputError, match="has the sha256"):
        download(server.url, tmp_path / "a.bin")


def test_a_page_that_is_gone(server: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the server answers 404.* put it at .*a\.bin, where it is checked"):
        download(server.url.replace("a.bin", "b.bin"), tmp_path / "a.bin")


def test_a_server_that_refuses(tmp_path: Path) -> None:
    with socket.socket() as bound:  # bound, and not listening
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(InputError, match="the server refuses the connection"):
            download(f"http://127.0.0.1:{bound.getsockname()[1]}/a.bin", tmp_path / "a.bin")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (URLError(socket.gaierror(-2, "Name or service not known")), "the name of the server is not known here"),
        (URLError(ssl.SSLCertVerificationError(1, "certificate verify failed")), "the certificate of the server"),
        (TimeoutError("timed out"), "the server was silent for 60 seconds"),
        (ConnectionResetError(104, "Connection reset by peer"), "Connection reset by peer"),
    ],
    ids=["name", "certificate", "silence", "reset"],
)
def test_what_a_network_can_do(error: Exception, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(fetching, "urlopen", fail)
    with pytest.raises(InputError, match=message):
        download("https://example.org/a.bin", tmp_path / "a.bin")


def test_the_certificate_counts_where_no_checksum_vouches(monkeypatch: pytest.MonkeyPatch) -> None:
    contexts: list[ssl.SSLContext] = []
    monkeypatch.setattr(fetching, "urlopen", lambda *_, context, **__: contexts.append(context))
    for vouched in (False, True):
        fetching.connect("https://example.org/a.bin", 0, vouched)
    assert [context.verify_mode for context in contexts] == [ssl.CERT_REQUIRED, ssl.CERT_NONE]


def test_a_disk_that_is_too_small_is_known_before(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage(0, 0, len(CONTENT) - 1))
    with pytest.raises(InputError, match=r"The disk is full: 0\.00 GB are needed in"):
        download(server.url, tmp_path / "a.bin", len(CONTENT), SHA256)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_gets_full_keeps_what_it_has(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.FileIO):
        def write(self, block: Any) -> int:
            super().write(block[:1000])
            raise OSError(errno.ENOSPC, "No space left on device")

    opened = Path.open
    monkeypatch.setattr(
        Path,
        "open",
        lambda path, mode="r", **rest: Full(path, mode) if mode in ("ab", "wb") else opened(path, mode, **rest),
    )
    with pytest.raises(InputError, match="The disk is full"):
        download(server.url, tmp_path / "a.bin", len(CONTENT), SHA256)
    monkeypatch.undo()
    download(server.url, tmp_path / "a.bin", len(CONTENT), SHA256)
    assert server.ranges == [None, "bytes=1000-"]


def test_the_stage_downloads_and_unpacks(server: Any, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("ucfTrainTestlist/testlist01.txt", "A/v_A_g01_c01.avi\n")
    server.files["/lists.zip"] = packed.getvalue()
    settings = {"url": server.url.replace("a.bin", "lists.zip?x=1"), "size": None, "sha256": None}
    server.files["/lists.zip?x=1"] = packed.getvalue()
    fetch(folder=tmp_path / "ucf101/ucfTrainTestlist", settings=settings)
    assert (tmp_path / "ucf101/ucfTrainTestlist/testlist01.txt").read_text() == "A/v_A_g01_c01.avi\n"
    assert {path.name for path in (tmp_path / "ucf101").iterdir()} == {
        "lists.zip",
        "lists.zip.json",
        "ucfTrainTestlist",
    }
