"""The sandbox on real sockets, the hub's settings that point to it, and people in the database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

from bot.callbacks import blueprint
from config import Settings, parse
from handlers.desk import Desk, OpenDesk
from models import Case, Order, Staff, StaffRole
from models.trail import START
from sandbox.aibot import Aibot, aibot_of
from sandbox.chat_store import Message
from sandbox.clock import Clock
from sandbox.company import load_company
from sandbox.server import QuietHandler, running
from sandbox.state import State
from sandbox.wecom import Wecom, wecom_of
from sandbox.weixin import Weixin, weixin_of
from tests.bot.samples import NOW
from tests.conftest import settings_document

NO_RETRY = Retry(NoBackoff(), 0)
CUSTOMER = "oDemoCustomer0000000000000001"


@dataclass
class Town:
    """The platforms' side: `url` is where they are reached."""

    url: str
    state: State

    @property
    def wecom(self) -> Wecom:
        return wecom_of(self.state)

    @property
    def aibot(self) -> Aibot:
        return aibot_of(self.state)

    @property
    def weixin(self) -> Weixin:
        return weixin_of(self.state)

    def chat(self, name: str) -> list[Message]:
        """The messages of `app:<userid>`, `bot:<userid>`, `oa:<openid>` or `group`."""
        return self.wecom.store.in_chat(name)

    def texts(self, name: str) -> list[str]:
        return [str(message.body.get("content", "")) for message in self.chat(name)]

    @property
    def complaints(self) -> list[str]:
        """What the platforms found wrong with what the hub sent."""
        return self.wecom.protocol_errors + self.aibot.protocol_errors + self.weixin.protocol_errors


def town_settings(url: str, company: Any, **bot: Any) -> Settings:
    document: dict[str, Any] = settings_document()
    document["wecom"] |= {"gateway": f"{url}/qyapi", "secret": company.wecom.secret}
    socket = url.replace("http://", "ws://")
    document["bot"] |= {"gateway": f"{socket}/aibot/ws", "secret": company.bot.secret, **bot}
    document["weixin"] |= {"gateway": f"{url}/weixin", "secret": company.weixin.secret}
    return parse(document)


@pytest.fixture(autouse=True)
def _no_greeting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_GREETING", "0")


@contextmanager
def open_town(hub: str = "http://127.0.0.1:9", mode: str = "stream") -> Iterator[Town]:
    """A sandbox without orders whose clock stands at NOW; `hub` is where its callbacks go."""
    company = load_company(world={"orders_before": 0, "orders_a_minute": 0}, server={"hub": hub}, bot={"mode": mode})
    with running(company, clock=Clock(standing_at=NOW)) as (url, state):
        yield Town(url, state)


@pytest.fixture
def town() -> Iterator[Town]:
    with open_town() as found:
        yield found


@pytest.fixture
def town_conf(town: Town) -> Settings:
    return town_settings(town.url, town.state.company)


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The app on a real port."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def callback_app(settings: Settings, open_desk: OpenDesk, redis: Redis) -> Flask:
    app = Flask("hub")
    app.register_blueprint(blueprint(settings, open_desk, redis))
    return app


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def desks(sessions: sessionmaker[Session], now: datetime) -> Callable[[Settings], OpenDesk]:
    """A committing desk with any settings."""

    def of(settings: Settings, at: Callable[[], datetime] = lambda: now) -> OpenDesk:
        @contextmanager
        def opened() -> Iterator[Desk]:
            with sessions() as session:
                desk = Desk(session=session, now=at(), settings=settings)
                yield desk
                session.commit()

        return opened

    return of


@pytest.fixture
def people(sessions: sessionmaker[Session]) -> dict[str, int]:
    """小李 (客服), 老王 (仓库), 陈姐 (主管): userid → staff id."""
    cast = (("小李", "xiaoli", "service"), ("老王", "laowang", "warehouse"), ("陈姐", "chenjie", "supervisor"))
    with sessions() as session:
        rows = [Staff(name=name, wecom_userid=userid, role_rows=[StaffRole(role=role)]) for name, userid, role in cast]
        session.add_all(rows)
        session.commit()
        return {str(row.wecom_userid): row.id for row in rows}


def an_order(session: Session, number: int = 1, **changes: object) -> Order:
    """An order that waits for review since three hours."""
    values: dict[str, object] = {
        "shop_id": 1,
        "platform": "jd",
        "external_id": f"32100000{number:02}",
        "tag": f"JD-20251222-{number:03}",
        "stage": "pending_review",
        "stage_entered_at": NOW - timedelta(hours=3),
        "effect": "admit",
        "platform_status": "等待出库",
        "created_at": NOW - timedelta(hours=3),
        "modified_at": NOW - timedelta(hours=3),
        "content_hash": b"",
        "trail_hash": START,
        "stored_at": NOW,
        **changes,
    }
    order = Order(**values)
    session.add(order)
    session.flush()
    return order


def a_case(session: Session, **changes: object) -> Case:
    """A vague address that 客服 has to confirm."""
    values: dict[str, object] = {
        "kind": "address_vague",
        "order_id": an_order(session).id,
        "shop_id": 1,
        "role": "service",
        "reason": "缺区县",
        "opened_at": NOW - timedelta(minutes=10),
        "evidence": {},
        **changes,
    }
    case = Case(**values)
    session.add(case)
    session.flush()
    return case
