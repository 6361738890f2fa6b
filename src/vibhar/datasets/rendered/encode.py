"""Encode frames in the formats of the real datasets: AVI with MPEG-4 Part 2 (XviD), and MPEG-1."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple, cast

import av
import numpy as np

from vibhar.datasets.rendered.scene import Size

# A fixed quantiser of 3 gives about 700 kb/s at 320x240, as the real clips have. Key frames are frequent,
# because coding errors grow from one key frame to the next and would tell a CNN the direction of time.
QUALITY = {"qmin": "3", "qmax": "3", "g": "12"}


class Format(NamedTuple):
    """A container, its video codec, the codec's tag in the file, and the codec's own options."""

    container: str
    codec: str
    tag: str | None
    options: dict[str, str]


FORMATS = {
    ".avi": Format("avi", "mpeg4", "XVID", {}),
    ".mpg": Format("mpeg", "mpeg1video", None, {"bf": "2"}),
}


def write_video(path: Path, frames: Iterable[np.ndarray], size: Size, rate: Fraction) -> None:
    """Encode BGR frames, uint8 [height, width, 3], in the format of the path's suffix; equal frames give equal bytes.

    `size` is (width, height), both even; `rate` is in frames a second, and MPEG-1 has only those of its standard.
    """
    form = FORMATS[path.suffix]
    # One thread and no version strings or dates: the bytes depend on the frames alone.
    options = {"threads": "1", "flags": "+bitexact", **QUALITY, **form.options}
    with av.open(str(path), "w", format=form.container, options={"fflags": "+bitexact"}) as file:
        stream = cast(av.VideoStream, file.add_stream(form.codec, rate=rate, options=options))
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        if form.tag:
            stream.codec_context.codec_tag = form.tag
        for frame in frames:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="bgr24")))
        file.mux(stream.encode())
