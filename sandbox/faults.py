"""Faults that a test or the demo arms for the next calls of a stand-in."""

from __future__ import annotations

import socket
import threading
from collections.abc import Collection
from dataclasses import asdict, dataclass
from enum import StrEnum

from flask import Response, request

ANY = "*"


class Kind(StrEnum):
    THROTTLE = "throttle"  # the platform's own "too many calls", naming `seconds` where it does so
    EXPIRE_TOKEN = "expire_token"
    CUT_CONNECTION = "cut_connection"  # closed before anything was done
    HTTP_500 = "http_500"
    NOT_JSON = "not_json"
    SLOW = "slow"  # answers after `seconds` of real time
    LOSE_REPLY = "lose_reply"  # does the work, then closes: the caller cannot know
    SHIFT = "shift"  # changes the first row of a list right after a page of it was read
    HIDE = "hide"  # leaves `order_id` out of a list, as if it had never been; its number is known as ever


@dataclass(slots=True)
class Fault:
    kind: Kind
    platform: str = ANY
    method: str = ANY
    left: int = 1
    seconds: float = 1.0
    order_id: str = ""

    def meets(self, platform: str, method: str) -> bool:
        return self.platform in (ANY, platform) and self.method in (ANY, method)


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[Fault] = []

    def arm(  # what there is to say of a fault
        self,
        kind: str,
        platform: str = ANY,
        method: str = ANY,
        *,
        calls: int = 1,
        seconds: float = 1.0,
        order_id: str = "",
    ) -> Fault:
        """ValueError for an unknown kind. `calls` is how many matching calls it will hit."""
        if calls < 1:
            raise ValueError("calls must be 1 or more")
        fault = Fault(Kind(kind), platform, method, calls, seconds, order_id)
        with self._lock:
            self._armed.append(fault)
        return fault

    def take(self, platform: str, method: str, kinds: Collection[Kind] = tuple(Kind)) -> Fault | None:
        """Use up one call of the oldest fault that meets this one."""
        with self._lock:
            for fault in self._armed:
                if fault.kind in kinds and fault.meets(platform, method):
                    fault.left -= 1
                    if fault.left == 0:
                        self._armed.remove(fault)
                    return fault
        return None

    def armed(self) -> list[dict[str, object]]:
        with self._lock:
            return [asdict(fault) for fault in self._armed]

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()


def drop_connection() -> Response:
    """Close the socket under the server, so that the caller sees a lost connection and not an HTTP answer.

    The returned response is never read: writing it fails, and the server treats that as a caller who hung up.
    """
    connection = request.environ.get("werkzeug.socket")
    if not isinstance(connection, socket.socket):
        raise ConnectionAbortedError("dropped by an armed fault")
    connection.shutdown(socket.SHUT_RDWR)
    return Response(status=204)
