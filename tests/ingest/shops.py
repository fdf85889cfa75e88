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
from models import Cursor, Order, Shop
from sandbox.clock import Clock
from sandbox.company import load_company
from sandbox.server import running
from sandbox.state import State
from sandbox.world_order import Order as PlatformOrder

PREFIXES = {"taobao": "TB", "jd": "JD", "pdd": "PDD"}
PATHS = {"taobao": "/top/router/rest", "jd": "/jd/routerjson", "pdd": "/pdd/api/router"}
LIST = {
    "taobao": "taobao.trades.sold.increment.get",
    "jd": "jingdong.pop.order.enSearch",
    "pdd": "pdd.order.number.list.increment.get",
}
SHIP = {
    "taobao": "taobao.logistics.offline.send",
    "jd": "jingdong.pop.order.shipment",
    "pdd": "pdd.logistics.online.send",
}


def settings_of(platform: str, state: State, base_url: str) -> ShopSettings:
    company = state.company
    app_key, app_secret, token = {
        "taobao": (company.taobao.app_key, company.taobao.app_secret, company.taobao.session),
        "jd": (company.jd.app_key, company.jd.app_secret, company.jd.access_token),
        "pdd": (company.pdd.client_id, company.pdd.client_secret, company.pdd.access_token),
    }[platform]
    return ShopSettings(
        slug=platform,
        platform=platform,
        prefix=PREFIXES[platform],
        name=platform,
        gateway=base_url + PATHS[platform],
        app_key=app_key,
        app_secret=app_secret,
        token=token,
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

    def marketplace(self, now: Callable[[], datetime] | None = None) -> Marketplace:
        settings = settings_of(self.platform, self.state, self.base_url)
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

    def add(self, count: int = 1, *, kind: str = "plain", minutes: float = 20, **values: Any) -> list[PlatformOrder]:
        """Orders `minutes` old, a second apart."""
        return [
            self.state.world.add_order(self.platform, kind=kind, ago_seconds=minutes * 60 + number, **values)
            for number in range(count)
        ]

    def move(self, **time: float) -> None:
        self.state.clock.move(timedelta(**time).total_seconds())

    def fault(self, kind: str, *, on: str = "list", calls: int = 1, seconds: float = 1) -> None:
        method = {"list": LIST, "ship": SHIP}[on][self.platform]
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
