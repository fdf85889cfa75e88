"""The door with the long connections, open for the length of a block."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import stream
from wire import Hub


@contextmanager
def running(here: Hub) -> Iterator[threading.Event]:
    stopping = threading.Event()
    thread = threading.Thread(target=stream.run, args=(here, stopping))
    thread.start()
    try:
        yield stopping
    finally:
        started = time.monotonic()
        stopping.set()
        thread.join(10)
        assert not thread.is_alive()
        assert time.monotonic() - started < 3, "it stops quickly"
