"""Which frames of a clip are taken: index arrays that depend on nothing but the clip's length and a seed."""

import hashlib

import numpy as np
from jaxtyping import Float, Int

STRATEGIES = ("uniform", "segment", "contiguous")


def sample_indices(strategy: str, frames: int, length: int, views: int, seed: int) -> Int[np.ndarray, "V T"]:
    """Indices of T=`frames` frames of a clip of `length` frames, for each of V=`views` views; all in [0, length).

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
    """The frame at each phase (0 to 1) of each of the `frames` equal segments; in row 0 the one at the centre."""
    phases = np.concatenate([np.full((1, phases.shape[1]), 0.5), phases])
    positions = (np.arange(frames) + phases) * length / frames
    return np.minimum(positions.astype(np.int64), length - 1)  # a phase next to 1 can round up


def windows(frames: int, length: int, draws: Float[np.ndarray, "V-1"]) -> Int[np.ndarray, "V T"]:
    """Windows of consecutive frames: the central one, then one for each draw (0 to 1)."""
    room = max(length - frames, 0)
    starts = np.concatenate([[room // 2], (draws * (room + 1)).astype(np.int64)])
    return np.minimum(starts[:, None] + np.arange(frames), length - 1)


def sample_stacks(
    strategy: str, frames: int, length: int, views: int, seed: int, *, pairs: int
) -> Int[np.ndarray, "V T pairs+1"]:
    """The sampled frames as in `sample_indices`, each with the `pairs` frames that follow it: the stacks of the flow.

    Where fewer follow, the stack is moved to the end of the clip; a clip shorter than a stack holds its last frame.
    """
    starts = np.minimum(sample_indices(strategy, frames, length, views, seed), max(length - 1 - pairs, 0))
    return np.minimum(starts[..., None] + np.arange(pairs + 1), length - 1)


def shard_of(clip: str, shards: int) -> int:
    """The shard of the clip called `clip`: by its name alone, so that another clip more or less moves none."""
    return clip_seed(clip, 0) % shards


def clip_seed(name: str, seed: int) -> int:
    """A seed for the clip called `name` that is the same on every machine and in every run."""
    digest = hashlib.sha256(f"{seed}/{name}".encode(errors="surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big")
