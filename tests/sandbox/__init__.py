"""Small honest clients of the three gateways, to be bent by the tests one parameter at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from sandbox.clock import BEIJING, Clock
from sandbox.company import load_company
from sandbox.server import running
from sandbox.signing import sign_jd, sign_pdd, sign_top
from sandbox.state import State
from sandbox.world import World

Json = dict[str, Any]

START = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)  # a Monday, 10:30 in Beijing
TIMEOUT = 10


def text(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


@dataclass
class Shop:
    url: str
    state: State

    @property
    def world(self) -> World:
        return self.state.world

    @property
    def clock(self) -> Clock:
        return self.state.clock

    def ago(self, **span: float) -> datetime:
        return self.clock.now() - timedelta(**span)

    def control(self, path: str, body: Json | None = None, method: str = "POST") -> requests.Response:
        return requests.request(method, f"{self.url}/control/{path}", json=body, timeout=TIMEOUT)

    def top(self, method: str, **params: Any) -> Any:
        return self.post_top(self.top_params(method, **params)).json()

    def top_params(self, method: str, **params: Any) -> dict[str, str]:
        """Signed; a parameter given as None is left out."""
        keys = self.state.company.taobao
        sent = {
            "method": method,
            "app_key": keys.app_key,
            "session": keys.session,
            "timestamp": text(self.clock.now()),
            "format": "json",
            "v": "2.0",
            "sign_method": "md5",
        }
        sent = {name: str(value) for name, value in {**sent, **params}.items() if value is not None}
        return {"sign": sign_top(sent, keys.app_secret), **sent}

    def post_top(self, params: dict[str, str]) -> requests.Response:
        return requests.post(f"{self.url}/top/router/rest", data=params, timeout=TIMEOUT)

    def jd(self, method: str, system: Json | None = None, **params: Any) -> Any:
        return self.post_jd(self.jd_params(method, system, **params)).json()

    def jd_params(self, method: str, system: Json | None = None, **params: Any) -> dict[str, str]:
        keys = self.state.company.jd
        sent = {
            "method": method,
            "app_key": keys.app_key,
            "access_token": keys.access_token,
            "timestamp": text(self.clock.now()) + ".000+0800",
            "v": "2.0",
            "360buy_param_json": json.dumps(params, ensure_ascii=False),
        }
        sent = {name: str(value) for name, value in {**sent, **(system or {})}.items() if value is not None}
        return {"sign": sign_jd(sent, keys.app_secret), **sent}

    def post_jd(self, params: dict[str, str]) -> requests.Response:
        return requests.post(f"{self.url}/jd/routerjson", data=params, timeout=TIMEOUT)

    def pdd(self, method: str, **params: Any) -> Any:
        return self.post_pdd(self.pdd_params(method, **params)).json()

    def pdd_params(self, method: str, **params: Any) -> dict[str, str]:
        keys = self.state.company.pdd
        sent: Json = {
            "type": method,
            "client_id": keys.client_id,
            "access_token": keys.access_token,
            "timestamp": int(self.clock.epoch()),
            "data_type": "JSON",
            "version": "V1",
        }
        texts = {name: str(value) for name, value in {**sent, **params}.items() if value is not None}
        return {"sign": sign_pdd(texts, keys.client_secret), **texts}

    def post_pdd(self, params: dict[str, str]) -> requests.Response:
        return requests.post(f"{self.url}/pdd/api/router", data=params, timeout=TIMEOUT)


@contextmanager
def open_shop(*, limits: Sequence[Json] | None = None, **world: float) -> Iterator[Shop]:
    """A served sandbox with an empty, silent day unless `[world]` values are given; its clock stands at START."""
    other = {} if limits is None else {"limits": limits}
    company = load_company(world={"orders_before": 0, "orders_a_minute": 0, **world}, **other)
    with running(company, clock=Clock(standing_at=START)) as (url, state):
        yield Shop(url, state)
