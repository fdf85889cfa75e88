"""DingTalk's stand-in on real sockets, a hub that knows DingTalk alone, and its people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from bot import ladder
from bot.deliver import Report, deliver
from config import Settings, parse
from models import Staff, StaffRole
from sandbox.chat_phones import Phones
from sandbox.chat_store import Message
from sandbox.chat_wire import Outcome
from sandbox.clock import Clock
from sandbox.company import load_company
from sandbox.dingtalk_whole import DingTalk, dingtalk_of
from sandbox.phones import phones_of
from sandbox.server import running
from sandbox.state import State
from tests.bot.samples import NOW
from tests.conftest import settings_document
from wire import Clock as HubClock
from wire import Hub

GROUP = "cidDEMO01=="
CAST = (("小李", "xiaoli", "service"), ("老王", "laowang", "warehouse"), ("陈姐", "chenjie", "supervisor"))


@dataclass
class DingTown:
    url: str
    state: State

    @property
    def ding(self) -> DingTalk:
        return dingtalk_of(self.state)

    @property
    def phones(self) -> Phones:
        return phones_of(self.state)

    def chat(self, name: str) -> list[Message]:
        """The messages of `dgroup` or `ding:<userid>`."""
        return self.phones.store.in_chat(self.phones.store.ding_group if name == "dgroup" else name)

    def texts(self, name: str) -> list[str]:
        return [str(message.body.get("content", "")) for message in self.chat(name)]

    def say(self, who: str, chat: str, text: str) -> Outcome:
        return self.phones.say(who, chat, f"@订单助手 {text}" if chat == "dgroup" else text)

    def press(self, who: str, message: Message, text: str, **selected: list[str]) -> Outcome:
        """The button or the menu entry of that text."""
        body = message.body_for(who)
        key = next(one["key"] for one in (*body["buttons"], *body["menu"]) if one["text"] == text)
        return self.phones.press({"who": who, "message_id": message.id, "key": key, "selected": selected})

    @property
    def complaints(self) -> list[str]:
        return [*self.ding.protocol_errors, *self.ding.remarks]


def ding_settings(url: str, **changes: Any) -> Settings:
    """DingTalk alone: its robot is the only way to people."""
    document: dict[str, Any] = settings_document()
    for other in ("wecom", "bot", "weixin"):
        document.pop(other)
    return parse(document | {"dingtalk": ding_section(url) | changes})


def ding_section(url: str) -> dict[str, Any]:
    settings = load_company().dingtalk
    return {
        "gateway": f"{url}/dingtalk/api",
        "old_gateway": f"{url}/dingtalk/oapi",
        "login_gateway": f"{url}/dingtalk/login",
        "corpid": settings.corpid,
        "app_key": settings.app_key,
        "app_secret": settings.app_secret,
        "name": settings.name,
        "group": settings.group,
        "card_template": settings.card_template,
        "card_route": settings.card_route,
        "card_secret": settings.card_secret,
        "coalesce_seconds": 0,  # the clock stands
    }


@contextmanager
def open_ding_town(hub: str = "http://127.0.0.1:9", mode: str = "stream") -> Iterator[DingTown]:
    """A sandbox without orders whose clock stands at NOW; `hub` is where its callbacks go."""
    quiet = {"orders_before": 0, "orders_a_minute": 0}
    company = load_company(world=quiet, server={"hub": hub}, dingtalk={"mode": mode})
    with running(company, clock=Clock(standing_at=NOW)) as (url, state):
        yield DingTown(url, state)


def hire(sessions: sessionmaker[Session]) -> dict[str, int]:
    """小李 (客服), 老王 (仓库), 陈姐 (主管), on DingTalk alone: the sandbox's userid → staff id."""
    with sessions() as session:
        rows = {
            userid: Staff(name=name, dingtalk_userid=f"dt-{userid}", role_rows=[StaffRole(role=role)])
            for name, userid, role in CAST
        }
        session.add_all(rows.values())
        session.commit()
        return {userid: row.id for userid, row in rows.items()}


class Standing(HubClock):
    """The sandbox's clock stands, so the hub's must too."""

    def __init__(self) -> None:
        super().__init__("")

    def now(self) -> datetime:
        return NOW


def delivered(here: Hub) -> Report:
    """What the worker would send now."""
    return deliver(here.open_desk, ladder.ways(here.settings, here.redis, home="worker"), here.now)
