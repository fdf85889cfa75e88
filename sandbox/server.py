"""Wires the stand-ins into one Flask app and serves it."""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.clock import Clock
from sandbox.company import Company, load_company
from sandbox.faults import Faults
from sandbox.state import Bus, State, state_of
from sandbox.world import World

PARTS = (
    "taobao",
    "jd",
    "pdd",
    "douyin",
    "wxshop",
    "wecom_pay",
    "mail",
    "push",
    "erp",
    "erp_jushuitan",
    "erp_wangdian",
    "kuaidi100",
    "control",
    "wecom",
    "wecom_groups",
    "aibot",
    "dingtalk",
    "weixin",
    "weixin_customers",
    "weixin_pages",
    "wecom_kf",
    "sms",
    "phones",
)


class QuietHandler(WSGIRequestHandler):
    """Hundreds of pulls an hour would bury what the demo wants to show."""

    disable_nagle_algorithm = True  # a frame behind another one would wait 40 ms for its acknowledgement

    clock: Clock | None = None

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The `Date` of answers, by which a client may learn the platform's time: JD has no other."""
        told = self.clock.epoch() if timestamp is None and self.clock else timestamp
        return super().date_time_string(told)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if os.environ.get("SANDBOX_LOG") == "1":
            super().log_request(code, size)


class Route(Rule):
    """Compiles what makes URLs of it when one is made. Few ever are, and for all the routes that took four fifths of a
    start, of which tests have a thousand."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = super()._compile_builder

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            made: tuple[str, str] = compiled(append_unknown).__get__(rule, None)(**values)
            return made

        return build


def create_app(company: Company | None = None, *, clock: Clock | None = None) -> Flask:
    company = company or load_company()
    clock = clock or Clock()
    bus = Bus()
    world = World(company, clock, tell=bus.publish)
    app = Flask("sandbox", root_path=os.path.dirname(os.path.abspath(__file__)))
    app.url_rule_class = Route
    # Platforms send their keys in the order of their documents; sorted keys would hide clients that rely on order.
    app.json.sort_keys = False  # type: ignore[attr-defined]
    state = State(company=company, clock=clock, world=world, faults=Faults(), bus=bus, base_url=company.server.public)
    app.extensions["sandbox"] = state
    for name in PARTS:
        importlib.import_module(f"sandbox.{name}").register(app, state)
    return app


def bind(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """Take the port and tell the state under which address it can be reached; port 0 takes any free one."""
    state = state_of(app)
    handler = type("ClockHandler", (QuietHandler,), {"clock": state.clock})
    server = make_server(host, port, app, threaded=True, request_handler=handler)
    state.base_url = state.company.server.public or f"http://{host}:{server.server_port}"
    return server


@contextmanager
def running(
    company: Company | None = None, port: int = 0, *, clock: Clock | None = None
) -> Iterator[tuple[str, State]]:
    """Serve in a thread for the length of the block; yields the base URL and the state."""
    app = create_app(company, clock=clock)
    server = bind(app, "127.0.0.1", port)
    state = state_of(app)
    # A short poll, because a test waits for the server to notice that it should stop.
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="sandbox", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", state
    finally:
        close(server, state)
        thread.join(timeout=5)


def close(server: BaseWSGIServer, state: State) -> None:
    for stop in state.on_close:
        stop()
    server.shutdown()
    server.server_close()
