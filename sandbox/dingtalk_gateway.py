"""The Stream gateway: tickets, connections, and to which of them a frame goes (dingtalk.md 1.5)."""

from __future__ import annotations

import json
import random
import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from sandbox.chat_wire import Outcome
from sandbox.dingtalk_core import Core, Json
from sandbox.dingtalk_errors import Declined, wrong
from sandbox.dingtalk_link import BOT, CALLBACK, CARD, EVENT, Link, Pushed

TICKET_SECONDS = 90
GOODBYE_SECONDS = 10.0  # between the disconnect frame and the end of the connection, by the wall
PING_SECONDS = 30.0  # by the wall
WATCH_SECONDS = 0.05
TOPICS = {CALLBACK: {BOT, CARD, "/v1.0/im/bot/messages/delegate"}, EVENT: {"*"}}


@dataclass(frozen=True)
class Ticket:
    at: float
    wanted: frozenset[tuple[str, str]]


class Gateway:
    def __init__(self, core: Core) -> None:
        self._core = core
        self._tickets: dict[str, Ticket] = {}
        self._lock = threading.RLock()
        self._unanswered: list[Pushed] = []
        self._watching = False
        self.links: list[Link] = []
        self.history: deque[Pushed] = deque(maxlen=1000)  # what went to the hub, for tests
        core.chat.state.on_reset.append(self.forget)
        core.chat.state.on_close.append(self.close)

    def forget(self) -> None:
        with self._lock:
            self._unanswered.clear()

    def online(self) -> bool:
        return any(link.takes(CALLBACK, BOT) for link in self.links)

    def watching(self) -> bool:
        """Whether something pushed still waits for its answer."""
        with self._lock:
            return self._watching

    # step 1

    def open(self, body: Json) -> Json:
        """What connections/open answers; the application shows its secret here and nowhere else."""
        settings = self._core.settings
        if (body.get("clientId"), body.get("clientSecret")) != (settings.app_key, settings.app_secret):
            raise Declined(401, "authFailed", "鉴权失败")
        wanted = _subscriptions(body.get("subscriptions"))
        ticket = secrets.token_urlsafe(24) + "+/=" + secrets.token_hex(4)  # must be quoted in a URL
        with self._lock:
            self._tickets[ticket] = Ticket(self._core.clock.epoch(), wanted)
        base = self._core.chat.public("/dingtalk/connect")
        return {"endpoint": "ws" + base.removeprefix("http"), "ticket": ticket}

    def redeem(self, ticket: str) -> frozenset[tuple[str, str]] | None:
        """The subscriptions of a ticket, once and within 90 seconds."""
        with self._lock:
            found = self._tickets.pop(ticket, None)
        if found is None or self._core.clock.epoch() - found.at > TICKET_SECONDS:
            return None
        return found.wanted

    def expire_tickets(self) -> None:
        with self._lock:
            self._tickets.clear()

    # step 2

    def serve(self, socket: Any, wanted: frozenset[tuple[str, str]]) -> None:
        link = Link(self._core, socket, wanted)
        with self._lock:
            self.links.append(link)
        self._tell()
        self._core.chat.state.bus.publish("chat.ding", {"online": True})
        try:
            link.system("ping", {"opaque": secrets.token_hex(8)})
            self._keep_alive(link)
            link.listen()
        finally:
            with self._lock:
                self.links.remove(link)
            self._tell()
            self._core.chat.state.bus.publish("chat.ding", {"online": self.online()})

    def _keep_alive(self, link: Link) -> None:
        def work() -> None:
            closing = self._core.chat.closing
            while not closing.wait(PING_SECONDS) and link in self.links and not link.leaving:
                ping = link.system("ping", {"opaque": secrets.token_hex(8)})
                if not ping.answered.wait(PING_SECONDS):
                    self._core.problem("stream: a ping was not answered")
                    link.close()

        threading.Thread(target=work, name="ding-ping", daemon=True).start()

    def disconnect(self, reason: str = "connection is expired", *, at_once: bool = False) -> int:
        """End every connection as the platform does again and again: a frame first, some seconds later the end."""
        with self._lock:
            going = [link for link in self.links if not link.leaving]
        for link in going:
            if not at_once:
                link.leave(reason)
            timer = threading.Timer(0.0 if at_once else GOODBYE_SECONDS, link.close)
            timer.daemon = True
            timer.start()
        self._tell()
        return len(going)

    def close(self) -> None:
        for link in list(self.links):
            link.close()

    # to the hub

    def push(self, kind: str, topic: str, told: Json, headers: Json | None = None) -> Pushed | None:
        """One frame to one connection chosen at random; None where nobody takes it."""
        text = json.dumps(told, ensure_ascii=False)
        pushed = Pushed(kind, topic, text, secrets.token_hex(12), self._core.clock.epoch(), headers=headers or {})
        if not self._send(pushed):
            return None
        self.history.append(pushed)
        return pushed

    def bring(self, topic: str, told: Json) -> Pushed | Outcome:
        """A callback, late or lost where that is switched on; what its sender sees where it does not arrive."""
        switches = self._core.switches
        if switches.take("drop_callbacks"):
            return Outcome(False, "none", why="dropped")
        if switches.delay_callbacks:
            time.sleep(float(switches.delay_callbacks))
        pushed = None if switches.take("hub_unreachable") else self.push(CALLBACK, topic, told)
        return pushed or Outcome(False, "offline", why="机器人不在线")

    def repeat(self, pushed: Pushed) -> bool:
        """Push the very same frame again, whether it was answered or not; whether anybody took it."""
        return self._send(pushed)

    def push_again(self, pushed: Pushed) -> None:
        """Wait for the answer in the background, and push the same once more where none comes."""
        with self._lock:
            self._unanswered.append(pushed)
            if self._watching:
                return
            self._watching = True
        threading.Thread(target=self._watch, name="ding-unanswered", daemon=True).start()

    def _send(self, pushed: Pushed) -> bool:
        with self._lock:
            ready = [link for link in self.links if link.takes(pushed.kind, pushed.topic)]
        random.shuffle(ready)
        return any(link.push(pushed) for link in ready)

    def _watch(self) -> None:
        while not self._core.chat.closing.wait(WATCH_SECONDS):
            with self._lock:
                due = [one for one in self._unanswered if self._is_due(one)]
                left = [one for one in self._unanswered if one not in due and not one.ok]
                self._unanswered = left if self._core.switches.redeliver_seconds else []
                if not due and not self._unanswered:
                    self._watching = False
                    return
            for one in due:
                one.answered.clear()
                self._send(one)

    def _is_due(self, pushed: Pushed) -> bool:
        after = self._core.switches.redeliver_seconds
        return bool(after) and not pushed.ok and self._core.clock.epoch() - pushed.at >= after

    def _tell(self) -> None:
        with self._core.store.changed:
            self._core.store.changed.notify_all()


def _subscriptions(given: Any) -> frozenset[tuple[str, str]]:
    if not isinstance(given, list) or not given:
        raise wrong("invalidParameter.subscriptions", "subscriptions is empty")
    found = set()
    for one in given:
        kind, topic = (one.get("type"), one.get("topic")) if isinstance(one, dict) else (None, None)
        if topic not in TOPICS.get(str(kind), set()):
            raise wrong("invalidParameter.subscriptions", f"unknown subscription {kind} {topic}")
        found.add((str(kind), str(topic)))
    return frozenset(found)
