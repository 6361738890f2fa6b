"""Small RAR archives of stored files, in the format of RAR 1.5 to 4: https://www.rarlab.com/technote.htm and before."""

import struct
from pathlib import Path
from zlib import crc32

FILE, LINK = 0o100644, 0o120777  # modes of Unix


def block(kind: int, flags: int, fields: bytes, data: bytes = b"") -> bytes:
    """A block: the lower half of the header's CRC-32, type, flags, size of the header, fields; and data."""
    header = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
    return struct.pack("<H", crc32(header) & 0xFFFF) + header + data


def member(name: str, data: bytes, mode: int = FILE) -> bytes:
    """A stored file: sizes, Unix, CRC-32, 1980-01-01, version 2.0, method "store", size of the name, mode, name."""
    encoded = name.encode()
    fields = struct.pack("<IIBIIBBHI", len(data), len(data), 3, crc32(data), 0x210000, 20, 0x30, len(encoded), mode)
    return block(0x74, 0x8000, fields + encoded, data)


def rar(members: dict[str, bytes], mode: int = FILE) -> bytes:
    """An archive: marker, main header, members, end."""
    stored = b"".join(member(name, data, mode) for name, data in members.items())
    return b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6)) + stored + block(0x7B, 0x4000, b"")


def write(path: Path, content: bytes) -> Path:
    """Write a file and return its path."""
    path.write_bytes(content)
    return path
