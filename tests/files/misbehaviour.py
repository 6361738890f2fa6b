"""Choices of frames that do to a child process what a broken decoder does. Children import no more than this file."""

import os
import signal
import sys
import time

import numpy as np


def hang(length: int) -> np.ndarray:
    time.sleep(600)
    return np.arange(length)


def crash(length: int) -> np.ndarray:
    os.kill(os.getpid(), signal.SIGSEGV)
    return np.arange(length)


def leave(length: int) -> np.ndarray:
    os._exit(3)


def blunder(length: int) -> np.ndarray:
    raise ZeroDivisionError("a mistake of the caller")


def tell_torch(length: int) -> np.ndarray:
    """Frame 1 where the child has loaded torch, frame 0 where it has not."""
    return np.array([int("torch" in sys.modules)])
