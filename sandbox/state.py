"""What all stand-ins of one running sandbox share."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Flask

from sandbox.clock import Clock
from sandbox.company import Company
from sandbox.faults import Faults
from sandbox.world import World
from sandbox.world_tokens import Tokens

Event = tuple[str, Mapping[str, object]]

# A page that nobody reads any more must not fill the memory; a reader this far behind loses the oldest events.
BACKLOG = 1000


class Bus:
    """Tells every subscriber what happened, as (kind, payload)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers: list[queue.Queue[Event]] = []

    def publish(self, kind: str, payload: Mapping[str, object]) -> None:
        with self._lock:
            readers = list(self._readers)
            for reader in readers:
                if reader.full():
                    reader.get_nowait()
                reader.put_nowait((kind, payload))

    def subscribe(self) -> queue.Queue[Event]:
        reader: queue.Queue[Event] = queue.Queue(BACKLOG)
        with self._lock:
            self._readers.append(reader)
        return reader

    def unsubscribe(self, reader: queue.Queue[Event]) -> None:
        with self._lock:
            if reader in self._readers:
                self._readers.remove(reader)


@dataclass(slots=True)
class State:
    company: Company
    clock: Clock
    world: World
    faults: Faults
    bus: Bus
    base_url: str = ""  # how the hub reaches this server; known once the port is bound
    tokens: dict[str, Tokens] = field(default_factory=dict)  # of the marketplaces, by platform
    parts: dict[str, object] = field(default_factory=dict)
    on_reset: list[Callable[[], None]] = field(default_factory=list)
    on_close: list[Callable[[], None]] = field(default_factory=list)


def state_of(app: Flask) -> State:
    state = app.extensions["sandbox"]
    if not isinstance(state, State):
        raise TypeError("this app has no sandbox state")
    return state
