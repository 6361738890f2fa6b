"""Turn a video into a CNN's input as the host does: sample frames, decode by ffmpeg, resize, normalise.

Needs Python, numpy and the program ffmpeg: 4.2 or newer, or 5.1 where the coded pictures alone, and not the container,
say that they are turned. Any pixel format becomes RGB of 8 bits as on the host, but for how the scalers fill in
subsampled colours. Pixels that are not square, and the lines of both fields, stay as stored. Dimensions: T frames of
H x W pixels, h x w after cropping.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parent))  # where its neighbours are, from wherever it is loaded

from orientation import UPRIGHT, orient, read_header, read_matrix
from workers import describe_ending

EVERY_FRAME = ("-fps_mode", "-vsync")  # the option's name since ffmpeg 5.1, and the one that 8 no longer knows
AS_STORED = ("-noautorotate",)


class UnreadableVideo(Exception):
    """A video cannot be decoded, or ffmpeg is not installed; the text says which."""


def sample_frames(video, sampling, ffmpeg="ffmpeg"):
    """Return the frames of a video that are sampled for evaluation, RGB [T, H, W, 3]."""
    positions = choose_frames(sampling["strategy"], sampling["frames"], count_frames(video, ffmpeg))
    wanted, order = np.unique(positions, return_inverse=True)
    return decode_frames(video, wanted, ffmpeg)[order]


def choose_frames(strategy, frames, length):
    """Return the indices of segment centres, or of the central window; a short clip repeats its last frame."""
    if strategy == "contiguous":
        return np.minimum(max(length - frames, 0) // 2 + np.arange(frames), length - 1)
    return np.minimum(((np.arange(frames) + 0.5) * length / frames).astype(np.int64), length - 1)


def count_frames(video, ffmpeg):
    """How many frames decode: headers are not to be believed."""
    report = run_ffmpeg(video, ffmpeg, AS_STORED, "-f", "null", "-progress", "pipe:1", "-").decode()
    counts = re.findall(r"^frame=\s*(\d+)", report, re.MULTILINE)
    if not counts or not int(counts[-1]):
        raise UnreadableVideo(f"{video}: no frame can be decoded")
    return int(counts[-1])


def decode_frames(video, wanted, ffmpeg):
    """The frames at sorted positions, as displayed."""
    matrix = read_display_matrix(video, ffmpeg)
    orientation = read_matrix(matrix)
    steps = [f"rotate={orientation.degrees}*PI/180"] if orientation.degrees else []
    steps += [f"select='{'+'.join(f'eq(n,{position})' for position in wanted)}'"]
    steps += ["scale=interl=-1", "format=rgb24"]  # fields are told apart where the frames say that they have them
    # Where the stream says nothing, its frames may: a newer ffmpeg turns them by itself.
    inputs = () if matrix == UPRIGHT else AS_STORED
    # Filters that begin anew where the size changes would count from 0 again.
    inputs = (*inputs, "-reinit_filter", "0")
    pictures = run_ffmpeg(video, ffmpeg, inputs, "-vf", ",".join(steps), "-f", "image2pipe", "-c:v", "ppm", "-")
    frames = list(read_ppm(pictures))
    if len(frames) != len(wanted):
        raise UnreadableVideo(f"{video}: {len(frames)} of {len(wanted)} frames can be decoded")
    return orient(np.stack(frames), orientation)


def read_display_matrix(video, ffmpeg):
    """The display matrix of the stream, whatever its container: ffmpeg copies it to a header of a known form."""
    codec = ("-frames:v", "1", "-c:v", "rawvideo", "-pix_fmt", "rgb24")
    movie = ("-f", "mov", "-movflags", "empty_moov+frag_keyframe", "pipe:1")
    return read_header(run_ffmpeg(video, ffmpeg, AS_STORED, *codec, *movie))


def run_ffmpeg(video, ffmpeg, inputs, *arguments):
    """What ffmpeg writes to its standard output, every frame once. `file:` keeps any name a name of a file."""
    if shutil.which(ffmpeg) is None:
        raise UnreadableVideo(
            f"there is no {ffmpeg} here to decode videos: apt install ffmpeg, name another program with --ffmpeg, or "
            "give a .npy file"
        )
    start = [ffmpeg, "-nostdin", "-v", "error", "-threads", "1", *inputs, "-i", f"file:{video}", "-map", "0:V:0"]
    reasons = []
    for option in EVERY_FRAME:
        try:
            done = subprocess.run([*start, option, "passthrough", *arguments], capture_output=True)
        except OSError as error:
            raise UnreadableVideo(f"{ffmpeg} cannot be started here: {error}") from error
        if not done.returncode:
            return done.stdout
        said = done.stderr.decode(errors="replace")
        reasons.append(explain(done.returncode, said))
        if said.strip() and option.strip("-") not in said:
            break  # it is not the option that it does not know
    raise UnreadableVideo(f"{video}: {reasons[-1]}")


def version_of(ffmpeg):
    """The first line that ffmpeg says of itself, with the path of the program."""
    said = subprocess.run([ffmpeg, "-version"], stdout=subprocess.PIPE).stdout.decode(errors="replace")
    return f"{(said.splitlines() or ['of an unknown version'])[0]} ({shutil.which(ffmpeg)})"


def explain(status, said):
    """Why ffmpeg failed, in one line."""
    if status < 0:
        return f"ffmpeg {describe_ending(status)}"
    if "matches no streams" in said:
        return "it has no video stream"
    lines = said.strip().splitlines()
    return f"ffmpeg says: {lines[-1]}" if lines else f"ffmpeg {describe_ending(status)}"


def read_ppm(stream):
    """Yield the pictures [H, W, 3] of concatenated 8-bit PPM files."""
    start = 0
    while start < len(stream):
        header = re.compile(rb"P6\s(\d+)\s(\d+)\s255\s").match(stream, start)
        assert header, "ffmpeg was asked for PPM of 8 bits"
        width, height = int(header[1]), int(header[2])
        yield np.frombuffer(stream, np.uint8, 3 * width * height, header.end()).reshape(height, width, 3)
        start = header.end() + 3 * width * height


def preprocess(frames, facts):
    """Resize the short side of frames [T, H, W, 3], crop the centre, normalise: the CNN's input [T, 3, h, w]."""
    height, width = frames.shape[1:3]
    short = facts["resize"] / min(height, width)
    resized = resize(frames, int(height * short + 1e-6), int(width * short + 1e-6), facts["interpolation"])
    top, left = (round((side - facts["crop"]) / 2) for side in resized.shape[1:3])
    cropped = resized[:, top : top + facts["crop"], left : left + facts["crop"]].astype(np.float32) / 255
    mean, deviation = (np.array(facts[name], np.float32) for name in ("mean", "std"))
    return np.ascontiguousarray(((cropped - mean) / deviation).transpose(0, 3, 1, 2))


def resize(frames, height, width, interpolation):
    """Resize frames with antialiasing, and round to 8-bit values as the host does."""
    rows = resize_matrix(frames.shape[1], height, interpolation)
    columns = resize_matrix(frames.shape[2], width, interpolation)
    wide = np.einsum("wv,thvc->thwc", columns, frames.astype(np.float32), optimize=True)
    return np.clip(np.round(np.einsum("hg,tgwc->thwc", rows, wide, optimize=True)), 0, 255)


def resize_matrix(old, new, interpolation):
    """Return the weights [new, old] of a separable filter, as wide as the pixels of the smaller of the two sizes."""
    scale = old / new
    distance = np.abs((np.arange(old) + 0.5) - (np.arange(new)[:, None] + 0.5) * scale) / max(scale, 1)
    if interpolation == "bilinear":
        weights = np.maximum(1 - distance, 0)
    else:  # bicubic, Keys' kernel of -1/2
        near = (1.5 * distance - 2.5) * distance**2 + 1
        far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
        weights = np.where(distance < 1, near, np.where(distance < 2, far, 0))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
