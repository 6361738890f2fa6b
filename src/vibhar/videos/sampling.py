"""Sample frames of a clip: frame indices that depend only on the clip's length and a random seed."""

import hashlib

import numpy as np
from jaxtyping import Float, Int

STRATEGIES = ("uniform", "segment", "contiguous")


def sample_indices(strategy: str, frames: int, length: int, views: int, seed: int) -> Int[np.ndarray, "V T"]:
    """Return indices of T=`frames` frames of a clip of `length` frames, for each of V=`views` views; in [0, length).

    Row 0 is the deterministic choice, for evaluation; rows 1 to V-1 are random draws that depend on `seed` alone.
    More views add rows and change none. No index is smaller than the one before it.

    - "uniform": evenly spaced frames. Row 0 takes the centres of T equal segments, each other row a random phase.
    - "segment": one frame from each of T equal segments. Row 0 takes the centres, the others a random frame of each
      segment. Any mixture of rows is again such a choice, so the rows are candidates to draw from in each epoch.
    - "contiguous": T consecutive frames. Row 0 is the central window, the others start at random.

    A clip shorter than T frames has segments of less than one frame, so that "uniform" and "segment" repeat frames;
    "contiguous" takes the whole clip and holds its last frame. Raises ValueError for an unknown strategy, or where
    frames, length or views are below 1 or the seed is negative.
    """
    if strategy not in STRATEGIES:
        raise ValueError(f"unknown sampling strategy {strategy!r}; there are {', '.join(STRATEGIES)}")
    for name, value, least in (("frames", frames, 1), ("length", length, 1), ("views", views, 1), ("seed", seed, 0)):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, not {value}")
    random = np.random.default_rng(seed)
    if strategy == "contiguous":
        return windows(frames, length, random.random(views - 1))
    phases = random.random((views - 1, frames if strategy == "segment" else 1))
    return in_segments(frames, length, phases)


def in_segments(frames: int, length: int, phases: Float[np.ndarray, "V-1 _"]) -> Int[np.ndarray, "V T"]:
    """Return the frame at each phase (0 to 1) of each of `frames` equal segments; row 0 has the centres."""
    phases = np.concatenate([np.full((1, phases.shape[1]), 0.5), phases])
    positions = (np.arange(frames) + phases) * length / frames
    return np.minimum(positions.astype(np.int64), length - 1)  # a phase next to 1 can round up


def windows(frames: int, length: int, draws: Float[np.ndarray, "V-1"]) -> Int[np.ndarray, "V T"]:
    """Return windows of consecutive frames: the central one, then one for each random draw (0 to 1)."""
    room = max(length - frames, 0)
    starts = np.concatenate([[room // 2], (draws * (room + 1)).astype(np.int64)])
    return np.minimum(starts[:, None] + np.arange(frames), length - 1)


def sample_stacks(
    strategy: str, frames: int, length: int, views: int, seed: int, *, pairs: int
) -> Int[np.ndarray, "V T pairs+1"]:
    """Sample frames as `sample_indices` does, each with the `pairs` frames after it: the stacks for optical flow.

    If fewer frames follow, the stack is moved to the end of the clip; a shorter clip repeats its last frame.
    """
    starts = np.minimum(sample_indices(strategy, frames, length, views, seed), max(length - 1 - pairs, 0))
    return np.minimum(starts[..., None] + np.arange(pairs + 1), length - 1)


def shard_of(clip: str, shards: int) -> int:
    """Return the shard of a clip. It depends on the name alone, so adding or removing clips moves no other clip."""
    return clip_seed(clip, 0) % shards


def clip_seed(name: str, seed: int) -> int:
    """Return a random seed for the clip `name` that is the same on every machine and in every run."""
    digest = hashlib.sha256(f"{seed}/{name}".encode(errors="surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big")
