"""Small clips for the tests, written with PyAV. Each frame carries its number as eight dark or bright stripes."""

import math
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

WIDTH, HEIGHT = 128, 96


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """A frame [H, W, 3]: eight stripes spell `number` in binary above a slanted pattern that moves with it."""
    stripes = 255 * (number >> (8 * np.arange(width) // width) & 1)
    pattern = (3 * np.arange(width) + 5 * np.arange(height)[:, None] + 7 * number) % 256
    pattern[: height // 2] = stripes
    return np.repeat(pattern[..., None], 3, axis=2).astype(np.uint8)


def numbers(frames: np.ndarray) -> list[int]:
    """The numbers that frames [N, H, W, 3] carry."""
    height, width = frames.shape[1:3]
    middles = (2 * np.arange(8) + 1) * width // 16
    bits = frames[:, height // 4, middles].mean(axis=-1) > 127
    return (bits << np.arange(8)).sum(axis=-1).tolist()


def write_clip(
    path: Path,
    container: str = "avi",
    codec: str = "mpeg4",
    frames: int = 40,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    pixels: str = "yuv420p",
    b_frames: int = 0,
    gop: int = 12,
    time: Callable[[int], int] = int,
    muxer: dict[str, str] | None = None,
    encoder: dict[str, str] | None = None,
    draw: Callable[[int, int, int], np.ndarray] = picture,
) -> Path:
    """Write a clip of drawn frames at 25 a second, frame i at `time(i)` ticks of 1/25 s; returns its path."""
    with av.open(str(path), "w", format=container, options=muxer or {}) as file:
        stream = file.add_stream(codec, rate=25, options=encoder or {})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        stream.codec_context.gop_size = gop
        if codec != "libsvtav1":  # it accepts no such setting
            stream.codec_context.max_b_frames = b_frames
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(draw(number, *size), format="rgb24").reformat(format=pixels)
            frame.pts = time(number)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


def decode_sequentially(path: Path) -> np.ndarray:
    """All frames [N, H, W, 3] of a clip, the plain way: the truth that every other way is held against."""
    with av.open(str(path)) as file:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)])


def patch(path: Path, marker: bytes, offset: int, value: bytes) -> Path:
    """Overwrite bytes of a file, `offset` after the last place where `marker` stands."""
    data = bytearray(path.read_bytes())
    place = data.rindex(marker) + offset
    data[place : place + len(value)] = value
    path.write_bytes(data)
    return path


def turn(path: Path, degrees: float, mirror: str = "", scale: float = 1) -> Path:
    """Write a display matrix into an MP4: turned clockwise by `degrees`, mirrored before ("h", "v"), and scaled."""
    cosine, sine = (math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))
    across, along = -1 if mirror == "h" else 1, -1 if mirror == "v" else 1
    plane = [across * cosine, across * sine, 0, -along * sine, along * cosine, 0, 0, 0]
    values = [round(value * scale * (1 << 16)) for value in plane]
    return patch(path, b"tkhd", 4 + 4 + 36, struct.pack(">9i", *values, 1 << 30))


def shown_by_ffmpeg(path: Path, height: int, width: int, ffmpeg: str) -> np.ndarray:
    """All frames [N, H, W, 3] as the program ffmpeg shows them, orientation and all."""
    command = [ffmpeg, "-nostdin", "-v", "error", "-i", f"file:{path}", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    pixels = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return np.frombuffer(pixels, np.uint8).reshape(-1, height, width, 3)


def colourful(number: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """A frame [H, W, 3] that no turn or mirror leaves as it is, smooth and in all colours."""
    across, down = np.linspace(0, 1, width), np.linspace(0, 1, height)[:, None]
    red, green = 255 * across * np.ones_like(down), 255 * down * np.ones_like(across)
    blue = 127 + 127 * np.sin(6 * across * down + number / 4)
    return np.stack([red, green, blue], axis=-1).astype(np.uint8)
