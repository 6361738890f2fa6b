"""Turn a video into a CNN's input as the host does: sample frames, decode by ffmpeg, resize, normalise.

Needs Python, numpy and the program ffmpeg (5.1 or newer). Dimensions: T frames of H x W pixels, h x w after cropping.
"""

import re
import shutil
import subprocess

import numpy as np


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
    """Count the frames by decoding all of them, because headers may be wrong."""
    report = run_ffmpeg(video, ffmpeg, "-f", "null", "-progress", "pipe:1", "-").decode()
    counts = re.findall(r"^frame=\s*(\d+)", report, re.MULTILINE)
    if not counts or not int(counts[-1]):
        raise UnreadableVideo(f"{video}: no frame can be decoded")
    return int(counts[-1])


def decode_frames(video, wanted, ffmpeg):
    """Decode the frames at the sorted positions `wanted`, RGB [T, H, W, 3]."""
    chosen = "+".join(f"eq(n,{position})" for position in wanted)
    pictures = run_ffmpeg(video, ffmpeg, "-vf", f"select='{chosen}'", "-f", "image2pipe", "-c:v", "ppm", "-")
    frames = list(read_ppm(pictures))
    if len(frames) != len(wanted):
        raise UnreadableVideo(f"{video}: {len(frames)} of {len(wanted)} frames can be decoded")
    return np.stack(frames)


def run_ffmpeg(video, ffmpeg, *arguments):
    """Run ffmpeg and return its standard output. The prefix `file:` makes sure that a name is read as a file."""
    if shutil.which(ffmpeg) is None:
        raise UnreadableVideo(f"there is no {ffmpeg} here to decode videos: apt install ffmpeg, or give a .npy file")
    command = [ffmpeg, "-nostdin", "-v", "error", "-threads", "1", "-i", f"file:{video}", "-map", "0:v:0"]
    done = subprocess.run([*command, "-fps_mode", "passthrough", *arguments], capture_output=True)
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines()
        raise UnreadableVideo(f"{video}: ffmpeg says: {reason[-1] if reason else done.returncode}")
    return done.stdout


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
