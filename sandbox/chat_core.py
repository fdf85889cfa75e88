"""What the app, the bot, the service account and the phones page share."""

import itertools
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from sandbox.chat_store import Store
from sandbox.chat_switches import Switches
from sandbox.chat_wire import Line, Wire
from sandbox.state import State


class Chat:
    def __init__(self, state: State) -> None:
        self.state = state
        self.switches = _switches(state)  # WeCom's and the service account's
        self.ding_switches = Switches(greeting=0)
        self.switches_of = {"wecom": self.switches, "dingtalk": self.ding_switches}
        self.store = Store(state.company, state.clock, state.bus.publish)
        self.wire = Wire(self.switches)
        self.ding_wire = Wire(self.ding_switches)
        self.line = Line(self.switches, self.later)
        self.ding_line = Line(self.ding_switches, self.later)
        # From real time on, 64 bits wide: a sandbox started again must not repeat an id that the hub has heard before.
        self.msgids = itertools.count(time.time_ns())
        self.closing = threading.Event()
        self._running: set[threading.Thread] = set()
        self._lock = threading.Lock()
        state.on_close.append(self.closing.set)
        state.on_reset += [self.store.forget, self._calm]

    def _calm(self) -> None:
        self.switches.set(_switches(self.state).as_dict())
        self.ding_switches.set(Switches(greeting=0).as_dict())
        self.line.forget()
        self.ding_line.forget()

    def hub(self, path: str) -> str:
        return self.state.company.server.hub.rstrip("/") + path

    def public(self, path: str) -> str:
        return self.state.base_url.rstrip("/") + path

    def seconds(self) -> int:
        return int(self.state.clock.epoch())

    def later(self, work: Callable[..., Any], *args: Any) -> None:
        """Do it beside the request that is being answered, as the platforms do."""

        def run() -> None:
            try:
                work(*args)
            finally:
                with self._lock:
                    self._running.discard(thread)

        thread = threading.Thread(target=run, name=f"chat-{getattr(work, '__name__', 'work')}", daemon=True)
        with self._lock:
            self._running.add(thread)
            thread.start()  # inside the lock: whoever waits for it must find it started

    def settle(self, timeout: float = 10.0) -> None:
        """Wait until nothing started by `later` is running: for tests."""
        with self._lock:
            running = list(self._running)
        for thread in running:
            thread.join(timeout)


def chat_of(state: State) -> Chat:
    chat = state.parts.get("chat")
    if not isinstance(chat, Chat):
        chat = state.parts["chat"] = Chat(state)
    return chat


def _switches(state: State) -> Switches:
    """All off; what the company decides comes from its bot section, the greeting also from the environment."""
    bot = state.company.bot
    quiet = os.environ.get("SANDBOX_GREETING", "").lower() in {"0", "off", "no", "false"}
    greeting = int(bot.greeting and not quiet)
    return Switches(greeting=greeting, group_card_push=int(bot.group_card_push))
