"""Waiting for what other threads and processes do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(claim: Callable[[], T], what: str = "it did not happen", seconds: float = 20.0) -> T:
    """The first true value of `claim`, looked at again and again; fails after `seconds`."""
    until = time.monotonic() + seconds
    pause = threading.Event()
    while not (found := claim()):
        assert time.monotonic() < until, what
        pause.wait(0.01)
    return found
