"""The way from the platform to the hub's callback URL: deadline, three tries, and the faults that are switched on."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from sandbox.chat_switches import Switches

TRIES = 3


@dataclass(frozen=True)
class Reply:
    """What came back for one delivery. `why` is empty exactly when the hub answered 200 in time."""

    raw: bytes = b""
    why: str = ""
    tries: int = 1


@dataclass
class Outcome:
    """What a person on a phone gets to know: did the other side answer, with what, and how long did it take."""

    answered: bool
    kind: str
    answer: dict[str, Any] | None = None
    why: str = ""
    tries: int = 1
    ms: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        told = {"answered": self.answered, "kind": self.kind, "answer": self.answer}
        return told | {"why": self.why, "tries": self.tries, "ms": self.ms} | self.extra


@dataclass(frozen=True)
class Parcel:
    url: str
    query: dict[str, str]
    body: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = float("inf")  # where its deadline is shorter than the platform's usual one


class Line:
    """What one platform has to tell the hub; with `reorder_callbacks` what comes later goes first."""

    def __init__(self, switches: Switches, later: Callable[[Callable[[], Outcome]], None]) -> None:
        self._switches = switches
        self._later = later
        self._held: list[Callable[[], Outcome]] = []
        self._lock = threading.Lock()

    def carry(self, work: Callable[[], Outcome]) -> Outcome:
        if self._switches.take("reorder_callbacks"):
            with self._lock:
                self._held.append(work)
            return Outcome(False, "held", why="held back")
        outcome = work()
        self.release()
        return outcome

    def release(self) -> None:
        """Send what was held back, beside whatever is going on."""
        with self._lock:
            held, self._held = self._held, []
        for work in held:
            self._later(work)

    def forget(self) -> None:
        with self._lock:
            self._held.clear()


class Wire:
    def __init__(self, switches: Switches) -> None:
        self.switches = switches

    def deliver(self, parcel: Parcel, tries: int = TRIES) -> Iterator[Reply]:
        """One reply, or two where callbacks are doubled; the caller shows both, so a hub without dedupe is seen."""
        if self.switches.take("drop_callbacks"):
            yield Reply(why="dropped", tries=0)
            return
        yield self._deliver_once(parcel, tries)
        if self.switches.take("duplicate_callbacks"):
            yield self._deliver_once(parcel, tries)

    def get(self, url: str, query: dict[str, str], deadline: float) -> Reply:
        return _timed(lambda: _session().get(url, params=query, timeout=deadline, allow_redirects=False), deadline)

    def _deliver_once(self, parcel: Parcel, tries: int) -> Reply:
        reply = Reply(why="unreachable")
        for attempt in range(1, tries + 1):
            reply = self._attempt(parcel)
            reply = Reply(reply.raw, reply.why, attempt)
            if not reply.why:
                break
        return reply

    def _attempt(self, parcel: Parcel) -> Reply:
        if self.switches.delay_callbacks:
            time.sleep(float(self.switches.delay_callbacks))
        if self.switches.take("hub_unreachable"):
            return Reply(why="unreachable")
        deadline = min(self.switches.deadline_seconds, parcel.seconds)
        headers = {"Content-Type": parcel.content_type, "User-Agent": "Mozilla/4.0"} | parcel.headers

        def post() -> requests.Response:
            return _session().post(
                parcel.url,
                params=parcel.query,
                data=parcel.body,
                headers=headers,
                timeout=deadline,
                allow_redirects=False,
            )

        return _timed(post, deadline)


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # a proxy of the machine must not see loopback traffic
    return session


def _timed(call: Any, deadline: float) -> Reply:
    started = time.monotonic()
    try:
        response = call()
        raw = response.content
    except requests.Timeout:
        return Reply(why="timeout")
    except requests.RequestException:
        return Reply(why="unreachable")
    # requests limits each read, the platform the whole answer.
    if time.monotonic() - started > deadline:
        return Reply(why="timeout")
    if response.status_code != 200:
        return Reply(raw=raw, why=f"status {response.status_code}")
    return Reply(raw=raw)
