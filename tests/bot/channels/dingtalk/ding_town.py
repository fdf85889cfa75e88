"""DingTalk's stand-in on real sockets, and the hub's settings that point to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request

from config import Settings, parse
from config_chat import DingTalk
from sandbox.chat_store import Message
from sandbox.clock import Clock
from sandbox.company import DingTalk as DingCompany
from sandbox.company import load_company
from sandbox.dingtalk_whole import DingTalk as DingStandIn
from sandbox.dingtalk_whole import dingtalk_of
from sandbox.server import running
from sandbox.state import State
from tests.bot.conftest import serving
from tests.bot.samples import NOW
from tests.conftest import settings_document

GROUP = "cidDEMO01=="
PUBLIC = "1366a1eb-bc54-4859-ac88-517c56a9acb1.schema"


@dataclass
class DingTown:
    url: str
    state: State

    @property
    def ding(self) -> DingStandIn:
        return dingtalk_of(self.state)

    @property
    def company(self) -> DingCompany:
        return self.state.company.dingtalk

    def chat(self, name: str) -> list[Message]:
        """The messages of `dgroup`, `ding:<userid>` or `notice:<userid>`."""
        return self.ding.store.in_chat(name)

    def cards(self, name: str) -> list[dict[str, Any]]:
        return [message.body for message in self.chat(name) if message.kind == "ding_card"]

    @property
    def complaints(self) -> list[str]:
        """What the platform found wrong, and what it took without doing as one may think."""
        return self.ding.protocol_errors + self.ding.remarks

    @property
    def calls(self) -> dict[str, int]:
        return dict(self.ding.quota.calls)


@contextmanager
def open_ding_town(**dingtalk: Any) -> Iterator[DingTown]:
    company = load_company(world={"orders_before": 0, "orders_a_minute": 0}, dingtalk=dingtalk)
    with running(company, clock=Clock(standing_at=NOW)) as (url, state):
        yield DingTown(url, state)


def ding_settings(town: DingTown, **changes: Any) -> Settings:
    document: dict[str, Any] = settings_document()
    document |= ding_sections(town.url, town.company)
    document["dingtalk"] |= changes
    document["staff"] = [{**one, "dingtalk": f"dt-{one['wecom']}"} for one in document["staff"]]
    return parse(document)


def ding_sections(url: str, company: DingCompany) -> dict[str, Any]:
    return {
        "dingtalk": {
            "gateway": f"{url}/dingtalk/api",
            "old_gateway": f"{url}/dingtalk/oapi",
            "login_gateway": f"{url}/dingtalk/login",
            "corpid": company.corpid,
            "app_key": company.app_key,
            "app_secret": company.app_secret,
            "agent_id": company.agent_id,
            "name": company.name,
            "group": company.group,
            "card_template": company.card_template,
            "calls_per_second": company.calls_per_second,
        },
        "dingtalk_hook": {
            "gateway": f"{url}/dingtalk/oapi",
            "token": company.hook_token,
            "secret": company.hook_secret,
        },
    }


@contextmanager
def saying(status: int, answer: Any, *, asked: list[tuple[str, str, bytes]] | None = None) -> Iterator[str]:
    """A platform that gives tokens, and to everything else this answer; `asked`: (method, path, body) of what came."""
    app = Flask("ding")

    @app.post("/v1.0/oauth2/accessToken")
    def token() -> dict[str, Any]:
        return {"accessToken": "token-1", "expireIn": 7200}

    @app.route("/<path:path>", methods=["GET", "POST", "PUT"])
    def anything(path: str) -> Response:
        if asked is not None:
            asked.append((request.method, request.full_path, request.get_data()))
        if isinstance(answer, str):
            return Response(answer, status=status, mimetype="text/html")
        return Response(json.dumps(answer), status=status, mimetype="application/json")

    with serving(app) as url:
        yield url


def plain_settings(url: str) -> DingTalk:
    return DingTalk(
        gateway=url,
        old_gateway=url,
        login_gateway=url,
        corpid="c",
        app_key="k",
        app_secret="s-e-c-r-e-t",
        name="订单助手",
    )
