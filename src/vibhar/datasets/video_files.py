"""Tell which files are videos: by their suffix, or by their content where the suffix does not say it."""

from collections.abc import Iterable
from functools import cache
from itertools import islice
from pathlib import Path, PurePosixPath

# fmt: off
SUFFIXES = frozenset((
    ".3g2", ".3gp", ".amv", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".h264", ".ivf", ".m1v", ".m2p", ".m2t",
    ".m2ts", ".m2v", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4", ".mpe", ".mpeg", ".mpg", ".mpv", ".mts",
    ".mxf", ".nut", ".ogm", ".ogv", ".qt", ".rm", ".rmvb", ".ts", ".vob", ".webm", ".wmv", ".y4m",
))
# fmt: on
STARTS = {  # of files that are no videos: what they are
    b"\xff\xd8\xff": "image",
    b"\x89PNG": "image",
    b"BM": "image",
    b"II*\0": "image",
    b"MM\0*": "image",
    b"PK\x03\x04": "archive",
    b"PK\x05\x06": "archive",
    b"Rar!": "archive",
    b"7z\xbc\xaf\x27\x1c": "archive",
    b"\x1f\x8b": "archive",
    b"BZh": "archive",
    b"\xfd7zXZ": "archive",
    b"%PDF": "document",
    b"\xd0\xcf\x11\xe0": "document",  # Thumbs.db, too
    b"ID3": "sound",
    b"\x93NUMPY": "array",
}
TEXT_FORMATS = ("tty", "bin", "xbin", "adf", "idf")  # of ffmpeg, which draws letters
HEAD = 512  # bytes that are looked at
PACKETS = 64  # that are looked at for two pictures
NO_VIDEO = "not a video"


def split_videos(root: Path, paths: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Those of the files `paths` below `root` that are videos, and the others, each with what it is instead.

    A file with a suffix of a video is one, whatever it holds: where it cannot be decoded, the index says why.
    """
    videos, others = [], {}
    for path in paths:
        reason = "" if PurePosixPath(path).suffix.lower() in SUFFIXES else look_into(root / path)
        if reason:
            others[path] = reason
        else:
            videos.append(path)
    return videos, others


def without_suffix(path: str) -> str:
    """The path of a video without its suffix; a dot in a name without one is a part of the name."""
    place = PurePosixPath(path)
    return place.with_suffix("").as_posix() if place.suffix.lower() in SUFFIXES else path


def look_into(path: Path) -> str:
    """What a file is that has no suffix of a video: empty for a video, else a word for it."""
    try:
        status = path.stat()
        return examine(str(path.absolute()), status.st_size, status.st_mtime_ns)
    except OSError as error:
        return f"file that cannot be read ({error.strerror})"


@cache
def examine(path: str, size: int, changed: int) -> str:
    """The same; `size` in bytes and the time of the last change are there for the cache. May raise OSError."""
    if not size:
        return "empty"
    with Path(path).open("rb") as stream:
        head = stream.read(HEAD)
    for start, what in STARTS.items():
        if head.startswith(start):
            return what
    if is_text(head):
        return "text"
    return "" if shows_pictures(path) else NO_VIDEO


def is_text(head: bytes) -> bool:
    """Whether the first bytes of a file are text. ffmpeg would take playlists and subtitles for videos."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return True
    controls = {*range(32)} - {*b"\t\n\r\f\x1b"}
    return not controls & {*head} and len(head.decode(errors="ignore").encode()) > len(head) - 4


def shows_pictures(path: str) -> bool:
    """Whether ffmpeg reads the file as a video: of two pictures or more, for one alone is an image."""
    import av  # a tenth of a second, for the few files without a suffix that says it

    try:
        with av.open(path, metadata_errors="replace", options={"protocol_whitelist": "file"}) as container:
            stream = container.streams.best("video")
            if stream is None or container.format.name in TEXT_FORMATS or stream.codec_context is None:
                return False
            packets = zip(container.demux(stream), range(PACKETS), strict=False)
            pictures = (picture for packet, _ in packets for picture in packet.decode())
            return len(list(islice(pictures, 2))) == 2
    except (OSError, ValueError, av.FFmpegError):
        return False
