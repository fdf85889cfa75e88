"""The sandbox's three shops, as the hub sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from config import Pull
from config import Shop as ShopSettings
from ingest import MARKETPLACES, Marketplace
from ingest.engine import pull
from ingest.means import Means
from ingest.report import PullReport
from ingest.source import Record
from ingest.taking import Taking
from models import Cursor, Order, Shop
from sandbox.clock import Clock
from sandbox.company import Company, load_company
from sandbox.server import running
from sandbox.state import State
from sandbox.world_order import Order as PlatformOrder

PREFIXES = {"taobao": "TB", "jd": "JD", "pdd": "PDD", "douyin": "DY", "wxshop": "WX", "wecom_pay": "PAY"}
PATHS = {
    "taobao": "/top/router/rest",
    "jd": "/jd/routerjson",
    "pdd": "/pdd/api/router",
    "douyin": "/douyin",
    "wxshop": "/wxshop",
    "wecom_pay": "/wecompay",
}
LIST = {
    "taobao": "taobao.trades.sold.increment.get",
    "jd": "jingdong.pop.order.enSearch",
    "pdd": "pdd.order.number.list.increment.get",
    "douyin": "order.searchList",
    "wxshop": "/channels/ec/order/list/get",
    "wecom_pay": "/cgi-bin/externalpay/get_bill_list",
}
SHIP = {
    "taobao": "taobao.logistics.offline.send",
    "jd": "jingdong.pop.order.shipment",
    "pdd": "pdd.logistics.online.send",
    "douyin": "order.logisticsAdd",
    "wxshop": "/channels/ec/order/delivery/send",
}
MEMO = {
    "taobao": "taobao.trade.memo.update",
    "jd": "jingdong.pop.order.modifyVenderRemark",
    "pdd": "pdd.order.note.update",
    "douyin": "order.addOrderRemark",
    "wxshop": "/channels/ec/order/merchantnotes/update",
}


def settings_of(platform: str, company: Company, base_url: str) -> ShopSettings:
    top, jd, pdd, douyin = (getattr(company, name) for name in ("taobao", "jd", "pdd", "douyin"))
    keys: dict[str, Any] = {
        "taobao": {"app_key": top.app_key, "app_secret": top.app_secret, "token": top.session},
        "jd": {"app_key": jd.app_key, "app_secret": jd.app_secret, "token": jd.access_token},
        "pdd": {"app_key": pdd.client_id, "app_secret": pdd.client_secret, "token": pdd.access_token},
        "douyin": {"app_key": douyin.app_key, "app_secret": douyin.app_secret, "shop_id": douyin.shop_id},
        "wxshop": {"app_key": company.wxshop.appid, "app_secret": company.wxshop.secret},
        "wecom_pay": {"app_key": company.wecom_pay.corpid, "app_secret": company.wecom_pay.secret},
    }[platform]
    return ShopSettings(
        slug=platform,
        platform=platform,
        prefix=PREFIXES[platform],
        name=platform,
        gateway=base_url + PATHS[platform],
        **keys,
    )


@dataclass
class World:
    """A quiet sandbox and one shop of the hub in it; the hub's clock is the sandbox's."""

    platform: str
    base_url: str
    state: State
    sessions: sessionmaker[Session]
    redis: Redis
    watched: list[int] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.state.clock.now()

    def marketplace(self, now: Callable[[], datetime] | None = None, **changes: Any) -> Marketplace:
        """`changes`: what the shop's settings say otherwise."""
        settings = settings_of(self.platform, self.state.company, self.base_url).model_copy(update=changes)
        return MARKETPLACES[self.platform](settings, self.means(now or self.now))

    def means(self, now: Callable[[], datetime]) -> Means:
        return Means(now=now, sessions=self.sessions, redis=self.redis)

    def pull(self, now: Callable[[], datetime] | None = None, *, hours: int = 1) -> PullReport:
        def watch(_session: Session, ids: Sequence[int]) -> None:
            self.watched.extend(ids)

        now = now or self.now
        marketplace, settings = self.marketplace(now), Pull(first_hours=hours)
        return pull(
            self.sessions, 1, marketplace, settings, now=now, watch=watch,
            stopped=lambda _session, _shop: None, sleep=self.slept.append,
        )  # fmt: skip

    def take(self, records: Sequence[Record]) -> PullReport:
        """What becomes of records that were read apart from the pull."""
        report, shop = PullReport(1), self.shop()
        taking = Taking(
            self.sessions, shop, self.marketplace(), report, now=self.now, watch=lambda _session, _ids: None
        )
        taking.take(records)
        return report

    def add(self, count: int = 1, *, kind: str = "plain", minutes: float = 20, **values: Any) -> list[PlatformOrder]:
        """Orders `minutes` old, a second apart."""
        return [
            self.state.world.add_order(self.platform, kind=kind, ago_seconds=minutes * 60 + number, **values)
            for number in range(count)
        ]

    def move(self, **time: float) -> None:
        self.state.clock.move(timedelta(**time).total_seconds())

    def fault(self, kind: str, *, on: str = "list", calls: int = 1, seconds: float = 1) -> None:
        method = {"list": LIST, "ship": SHIP, "memo": MEMO}[on][self.platform]
        self.state.faults.arm(kind, self.platform, method, calls=calls, seconds=seconds)

    def calls(self, method: str) -> int:
        return sum(call.method == method for call in self.state.world.calls)

    def shop(self) -> Shop:
        with self.sessions() as session:
            return session.get_one(Shop, 1)

    def synced_to(self) -> datetime | None:
        with self.sessions() as session:
            return session.scalar(select(Cursor.synced_to))

    def orders(self) -> dict[str, Order]:
        with self.sessions() as session:
            return {order.external_id: order for order in session.scalars(select(Order))}


@contextmanager
def shop_in_sandbox(
    platform: str, sessions: sessionmaker[Session], redis: Redis, *, standing_at: datetime | None
) -> Iterator[World]:
    company = load_company(world={"orders_before": 0, "orders_a_minute": 0.0})
    clock = Clock(standing_at=standing_at) if standing_at else Clock()
    with running(company, clock=clock) as (base_url, state):
        with sessions() as session:
            prefix = PREFIXES[platform]
            session.add(Shop(id=1, slug=platform, platform=platform, prefix=prefix, name=platform, ship_hours=48))
            session.commit()
        yield World(platform, base_url, state, sessions, redis)
