"""Sources into which people put things, as the hub sees them: the same world as a marketplace's, without a platform."""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from types import SimpleNamespace
from typing import Any

from redis import Redis
from sqlalchemy.orm import Session, sessionmaker

from config import Shop as ShopSettings
from ingest import MARKETPLACES, Marketplace
from ingest.beijing import beijing_text
from models import Received, Shop
from models.vault import fingerprint
from sandbox.clock import Clock
from sandbox.company import load_company
from sandbox.faults import Faults
from sandbox.mail import Mailbox, mailbox_of
from sandbox.server import create_app
from sandbox.state import state_of
from sandbox.world import World as Happening
from sandbox.world_order import Order as Placed
from sandbox.world_order import Status
from tests.ingest.sheet.books import Row, xlsx
from tests.ingest.shops import World

HEADINGS: Row = (
    "订单号", "订单状态", "收件人", "手机", "收货地址", "商品", "规格", "商家编码", "数量", "单价", "实付金额", "运费",
    "下单时间", "付款时间", "买家留言", "商家备注", "快递公司", "快递单号",
)  # fmt: skip
_WORDS = {Status.TO_SHIP: "待发货", Status.SHIPPED: "已发货", Status.CANCELLED: "已取消"}


def rows_of(order: Placed) -> list[Row]:
    """The order in a table of ours, a row for each of its lines."""
    at = order.address
    place = f"{at.province}{at.city}{at.district}{at.town}{at.detail}"
    return [
        (
            order.id, _WORDS[order.status], order.buyer.name, order.buyer.phone, place, line.sku.title, line.sku.option,
            line.sku.code, line.quantity, line.price_fen / 100, order.paid_fen / 100, order.post_fen / 100,
            beijing_text(order.created_at), beijing_text(order.paid_at or order.created_at), order.buyer_message,
            order.memo, line.company, line.waybill,
        )
        for line in order.lines
    ]  # fmt: skip


Put = Callable[[Sequence[Placed], datetime], None]
"""Hands orders in, as if it were that moment."""


@dataclass
class Ledger:
    """What was ordered, and what became of it: each change is handed in anew."""

    happening: Happening
    put: Put
    now: Callable[[], datetime]
    placed: dict[str, Placed] = field(default_factory=dict)

    def orders(self, _platform: str) -> list[Placed]:
        return list(self.placed.values())

    def add(self, kind: str, at: datetime, ago: float, **values: Any) -> Placed:
        order = self.happening.add_order("taobao", kind=kind, ago_seconds=ago, **values)
        order.modified_at = at
        self.placed[order.id] = order
        return order

    def cancel(self, order_id: str) -> None:
        self._become(order_id, Status.CANCELLED)

    def ship(self, order_id: str, company: str, waybill: str) -> None:
        for line in self.placed[order_id].lines:
            line.company, line.waybill = company, waybill
        self._become(order_id, Status.SHIPPED)

    def _become(self, order_id: str, status: Status) -> None:
        order = self.placed[order_id]
        order.status, order.modified_at = status, self.now()
        self.put([order], self.now())


class Inbox(World):
    """`state` is what the tests of marketplaces ask of a sandbox."""

    put: Put
    settings: ShopSettings
    box: Mailbox

    def marketplace(self, now: Callable[[], datetime] | None = None, **changes: Any) -> Marketplace:
        return MARKETPLACES[self.platform](self.settings.model_copy(update=changes), self.means(now or self.now))

    def fault(self, kind: str, *, on: str = "list", calls: int = 1, seconds: float = 1) -> None:
        self.state.faults.arm(kind, "mail", {"list": "UID FETCH", "login": "LOGIN"}[on], calls=calls, seconds=seconds)

    def add(self, count: int = 1, *, kind: str = "plain", minutes: float = 20, **values: Any) -> list[Placed]:
        """Ordered `minutes` ago, a second apart, and handed in together at that moment."""
        at = self.now() - timedelta(minutes=minutes)
        ledger: Ledger = self.state.world  # type: ignore[assignment]
        found = [ledger.add(kind, at, minutes * 60 + number, **values) for number in range(count)]
        self.put(found, at)
        return found


def hand_in(session: Session, content: bytes, at: datetime, **values: Any) -> int:
    """A file as the handlers leave it, ready to be read."""
    sealed = session.info["vault"].seal(content, b"received.content")
    said = {
        "shop_id": 1, "kind": "sheet", "name": "订单.xlsx", "content": sealed, "content_mark": fingerprint(content),
        "state": "ready", "received_at": at, "ready_at": at.replace(microsecond=0), "received_by": None,
        "channel": "web",
    }  # fmt: skip
    file = Received(**{**said, **values})
    session.add(file)
    session.flush()
    return int(file.id)


@contextmanager
def sheet_inbox(sessions: sessionmaker[Session], redis: Redis, *, standing_at: datetime) -> Iterator[Inbox]:
    def put(orders: Sequence[Placed], at: datetime) -> None:
        with sessions() as session:
            hand_in(session, xlsx(HEADINGS, *(row for order in orders for row in rows_of(order))), at)
            session.commit()

    settings = ShopSettings(slug="sheet", platform="sheet", prefix="XLS", name="表格")
    yield inbox("sheet", put, settings, sessions, redis, Clock(standing_at=standing_at))


def inbox(  # what an inbox stands on
    platform: str, put: Put, settings: ShopSettings, sessions: sessionmaker[Session], redis: Redis, clock: Clock
) -> Inbox:
    happening = Happening(load_company(world={"orders_before": 0, "orders_a_minute": 0.0}), clock)
    state = SimpleNamespace(clock=clock, faults=Faults(), world=Ledger(happening, put, clock.now))
    with sessions() as session:
        session.add(Shop(id=1, slug=platform, platform=platform, prefix=settings.prefix, name=platform, ship_hours=48))
        session.commit()
    made = Inbox(platform, "", state, sessions, redis)  # type: ignore[arg-type]
    made.put, made.settings = put, settings
    return made


@contextmanager
def mail_inbox(sessions: sessionmaker[Session], redis: Redis, *, standing_at: datetime) -> Iterator[Inbox]:
    clock = Clock(standing_at=standing_at)
    company = load_company(world={"orders_before": 0, "orders_a_minute": 0.0})
    app = create_app(company, clock=clock)
    state = state_of(app)
    box = mailbox_of(state)
    sent = itertools.count(1)

    def put(orders: Sequence[Placed], at: datetime) -> None:
        """Each in a table of its own, and all tables in one mail."""
        tables = "".join(html_table(HEADINGS, rows_of(order)) for order in orders)
        box.deliver(letter(f"<{next(sent)}@qinghe.example>", page=f"<p>订单如下</p>{tables}"), at)

    settings = ShopSettings(
        slug="mail", platform="mail", prefix="MAIL", name="邮件", gateway=box.serve(), app_key=company.mail.user,
        app_secret=company.mail.password, senders=("boss@qinghe.example", "@partner.example"),
    )  # fmt: skip
    try:
        made = inbox("mail", put, settings, sessions, redis, clock)
        made.state.faults = state.faults
        made.box = box
        yield made
    finally:
        for stop in state.on_close:
            stop()


def html_table(headings: Row, rows: Sequence[Row]) -> str:
    lines = [headings, *rows]
    return "<table>" + "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in line) + "</tr>" for line in lines
    ) + "</table>"  # fmt: skip


def letter(  # what a mail may have, each by its name
    message_id: str = "<1@qinghe.example>", *, sender: str = "老板 <boss@qinghe.example>", words: str = "",
    page: str = "", files: Sequence[tuple[str, bytes]] = (), charset: str = "utf-8",
) -> bytes:  # fmt: skip
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "orders@qinghe.example", "新订单"
    if message_id:
        mail["Message-ID"] = message_id
    mail.set_content(words or "见表格", charset=charset)
    if page:
        mail.add_alternative(page, subtype="html")
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes(policy=SMTP)
