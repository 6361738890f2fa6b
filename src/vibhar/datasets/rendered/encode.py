"""Writes frames as the files of the real sets: AVI with MPEG-4 Part 2 (XviD), and MPEG-1 program streams."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

# A fixed quantiser of 5 gives about 600 kb/s at 320x240, as the real clips have.
QUALITY = {"qmin": "5", "qmax": "5"}
FORMATS = {
    ".avi": ("avi", "mpeg4", "XVID", {"g": "250"}),
    ".mpg": ("mpeg", "mpeg1video", None, {"g": "15", "bf": "2"}),
}


def write_video(path: Path, frames: Iterable[np.ndarray], size: tuple[int, int], rate: Fraction) -> None:
    """Encode BGR frames, uint8 [height, width, 3], in the format of the path's suffix; the same frames give the same bytes.

    `size` is (width, height), both even; `rate` is in frames a second, and MPEG-1 has only those of its standard.
    """
    container, codec, tag, options = FORMATS[path.suffix]
    # One thread and no version strings or dates: the bytes depend on the frames alone.
    with av.open(str(path), "w", format=container, options={"fflags": "+bitexact"}) as file:
        stream = file.add_stream(codec, rate=rate, options={"threads": "1", "flags": "+bitexact", **QUALITY, **options})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        if tag:
            stream.codec_context.codec_tag = tag
        for frame in frames:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="bgr24")))
        file.mux(stream.encode())
