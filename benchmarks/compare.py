"""Measure two ways to the same end in turn, and print the ratio of their medians beside its goal.

A benchmark calls `measure(ours, theirs)` and gives the times to `tell`, which prints one line of JSON and one to read.
The two take turns (A B A B), so that what else the machine does slows both.
"""

import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from vibhar.workflow.provenance import processor_name


class Goal(NamedTuple):
    """A bound of a ratio: `at` most `bound`, or at least."""

    at: str  # "most" or "least"
    bound: float

    def is_met(self, ratio: float) -> bool:
        """Whether a ratio is within the bound."""
        return ratio <= self.bound if self.at == "most" else ratio >= self.bound

    def __str__(self) -> str:
        return f"at {self.at} {self.bound:g}"


class Times(NamedTuple):
    """The seconds of each run of both."""

    ours: list[float]
    theirs: list[float]


def measure(ours: Callable[[], object], theirs: Callable[[], object], *, runs: int, prepare=lambda: None) -> Times:
    """Time both in turn, `runs` times each, after one run of each that does not count; `prepare` is not timed."""
    times = Times([], [])
    for run in range(runs + 1):
        for call, seconds in zip((ours, theirs), times, strict=True):
            prepare()
            begun = time.perf_counter()
            call()
            if run:
                seconds.append(time.perf_counter() - begun)
    return times


def tell(name: str, what: str, goal: Goal, times: Times, *, faster: bool = False) -> None:
    """Print the ratio of the medians: of our seconds to theirs, or, with `faster`, of our speed to theirs."""
    ours, theirs = reversed(times) if faster else times
    each = [one / other for one, other in zip(ours, theirs, strict=True)]
    ratio = statistics.median(ours) / statistics.median(theirs)
    seconds = ", ".join(f"{statistics.median(part) * 1e3:.4g} ms" for part in times)
    tell_ratio(name, f"{what}: medians {seconds}", goal, ratio, each)


def tell_ratio(name: str, what: str, goal: Goal, ratio: float, each: Sequence[float]) -> None:
    """Print a ratio; `each` is that of every run."""
    machine = f"{processor_name()}, {os.cpu_count()} cores"
    spread = [round(min(each), 4), round(max(each), 4)]
    line = {"name": name, "ratio": round(ratio, 4), "goal": str(goal), "met": goal.is_met(ratio), "runs": len(each)}
    print(json.dumps(line | {"spread": spread, "machine": machine}))
    met = "met" if goal.is_met(ratio) else "not met"
    print(f"{name}: {ratio:.3g} ({spread[0]:.3g} to {spread[1]:.3g}), goal {goal}: {met}. {what}", flush=True)
