"""The marketplaces' own messages: signed, sometimes twice, late or never."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from sandbox.chat_crypto import Crypto, Sealed
from sandbox.company import load_company
from sandbox.push import pusher_of
from sandbox.server import running
from sandbox.signing import joined, sign_jd, sign_pdd
from sandbox.state import State

ANSWERS = {
    "taobao": b'{"flag":"success"}', "jd": b'{"code":"0"}', "pdd": b'{"success":true}',
    "douyin": b'{"code":0,"msg":"success"}', "wxshop": b"success",
}  # fmt: skip


@dataclass(frozen=True)
class Got:
    platform: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Hub:
    """A hub that keeps what it is sent; `deaf` answers nobody."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    deaf: bool = False
    came: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, many: int) -> list[Got]:
        with self.came:
            assert self.came.wait_for(lambda: len(self.got) >= many, 10), f"{len(self.got)} of {many} came"
            return list(self.got)


@contextmanager
def listening() -> Iterator[Hub]:
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            parts, length = urlsplit(self.path), int(self.headers.get("Content-Length", "0"))
            platform = parts.path.split("/")[2]
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = b"{}" if hub.deaf else ANSWERS[platform]
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            body = self.rfile.read(length)
            self.wfile.write(answer)
            with hub.came:
                hub.got.append(Got(platform, query, headers, body))
                hub.came.notify_all()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture
def street() -> Iterator[tuple[Hub, State, str]]:
    with listening() as hub:
        company = load_company(world={"orders_before": 0, "orders_a_minute": 0.0}, server={"hub": hub.url})
        with running(company) as (url, state):
            yield hub, state, url


def switch(url: str, **values: Any) -> requests.Response:
    return requests.post(f"{url}/control/push", json=values, timeout=10)


def number_in(got: Got, state: State) -> str:
    """The order's number, after what the platform promises of its signature was checked."""
    company = state.company
    if got.platform == "taobao":
        secret = company.taobao.app_secret.encode()
        expected = hashlib.md5(secret + joined(got.query).encode() + got.body + secret).hexdigest().upper()
        assert got.query["sign"] == expected
        return str(json.loads(json.loads(got.body)["content"])["tid"])
    if got.platform == "jd":
        assert got.query["sign"] == sign_jd(got.query, company.jd.app_secret)
        return str(json.loads(got.query["360buy_param_json"])["orderId"])
    if got.platform == "pdd":
        assert got.query["sign"] == sign_pdd({**got.query, "body": got.body.decode()}, company.pdd.client_secret)
        return str(json.loads(json.loads(got.body)["message"]["content"])["tid"])
    if got.platform == "douyin":
        text = company.douyin.app_key.encode() + got.body + company.douyin.app_secret.encode()
        assert got.headers["event-sign"] == hashlib.md5(text).hexdigest()
        return str(json.loads(json.loads(got.body)[0]["data"])["p_id"])
    crypto = Crypto(company.push.token, company.push.aes_key, company.wxshop.appid)
    query = got.query
    sealed = Sealed(json.loads(got.body)["Encrypt"], query["msg_signature"], query["timestamp"], query["nonce"])
    return str(json.loads(crypto.open(sealed))["order_info"]["order_id"])


@pytest.mark.parametrize("platform", list(ANSWERS))
def test_every_change_of_an_order_is_told_and_signed(street: tuple[Hub, State, str], platform: str) -> None:
    hub, state, url = street
    switch(url, on=True)
    order = state.world.add_order(platform)
    state.world.edit(order.id, memo="加固")
    state.world.cancel(order.id)
    got = hub.wait(3)
    assert {one.platform for one in got} == {platform}
    assert [number_in(one, state) for one in got] == [order.id] * 3


def test_nothing_is_told_unless_it_is_switched_on(street: tuple[Hub, State, str]) -> None:
    hub, state, url = street
    first = state.world.add_order("taobao")
    switch(url, on=True)
    second = state.world.add_order("taobao")
    assert number_in(hub.wait(1)[0], state) == second.id != first.id
    switch(url, on=False)
    state.world.cancel(second.id)
    switch(url, on=True)
    third = state.world.add_order("jd")
    assert number_in(hub.wait(2)[1], state) == third.id


def test_some_come_twice_some_late_some_never(street: tuple[Hub, State, str]) -> None:
    hub, state, url = street
    switch(url, on=True, lose_every=5, twice_every=3, late_every=4)
    orders = [state.world.add_order("jd").id for _ in range(6)]
    got = [number_in(one, state) for one in hub.wait(7)]
    first, second, third, fourth, _, sixth = orders
    assert got == [first, second, third, third, sixth, sixth, fourth]
    assert requests.get(f"{url}/control/push", timeout=10).json()["outcomes"]["lost"] == 1


def test_what_was_not_taken_comes_again(street: tuple[Hub, State, str]) -> None:
    hub, state, url = street
    hub.deaf = True
    switch(url, on=True)
    state.world.add_order("taobao")
    first, second = hub.wait(2)
    assert first.body == second.body


def test_orders_that_arrive_by_themselves_are_told_too() -> None:
    with listening() as hub:
        day = {"orders_before": 0, "orders_a_minute": 30.0}
        company = load_company(world=day, server={"hub": hub.url}, push={"on": True})
        with running(company) as (_, state):
            state.clock.move(600)
            state.world.advance()
            assert hub.wait(5)


def test_a_reset_switches_it_off_again(street: tuple[Hub, State, str]) -> None:
    _, state, url = street
    switch(url, on=True, lose_every=2)
    requests.post(f"{url}/control/reset", json={}, timeout=10)
    assert (pusher_of(state).switches.on, pusher_of(state).switches.lose_every) == (False, 0)


def test_an_unknown_switch_is_refused_by_name(street: tuple[Hub, State, str]) -> None:
    answer = switch(street[2], nonsense=1)
    assert answer.status_code == 400
    assert "nonsense" in answer.json()["error"]
    assert requests.post(f"{street[2]}/control/push", data="x", timeout=10).status_code == 400
