"""The sandbox's ERP, seen through either of its interfaces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.orm import Session, sessionmaker

from config import Erp as ErpSettings
from ingest.erp import ERPS, Erp
from ingest.erp.engine import Takers, read
from ingest.erp.report import ErpReport
from ingest.erp.source import ErpShipment, StockLevel
from ingest.means import Means
from sandbox.clock import Clock
from sandbox.company import load_company
from sandbox.erp import SHOPS, ErpWorld, erp_of
from sandbox.server import running
from sandbox.state import State
from sandbox.world_order import Order

NOBODY = Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
PATHS = {"jushuitan": "/jst", "wangdian": "/wdt/openapi2"}
ORDERS = {"jushuitan": "/open/orders/single/query", "wangdian": "/stockout_order_query_trade.php"}
STOCK = {"jushuitan": "/open/inventory/query", "wangdian": "/stock_query.php"}


@dataclass
class Office:
    """One ERP account; `levels` and `orders` are what it told last of each SKU and of each of its orders."""

    kind: str
    url: str
    state: State
    sessions: sessionmaker[Session]
    levels: dict[str, StockLevel] = field(default_factory=dict)
    orders: dict[str, ErpShipment] = field(default_factory=dict)
    slept: list[float] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    @property
    def erp(self) -> ErpWorld:
        return erp_of(self.state)

    def now(self) -> datetime:
        return self.state.clock.now()

    def settings(self, **changes: Any) -> ErpSettings:
        keys = getattr(self.state.company, self.kind)
        own = {"token": keys.access_token} if self.kind == "jushuitan" else {"sid": keys.sid}
        values = {
            "slug": "erp", "kind": self.kind, "name": "ERP", "gateway": self.url + PATHS[self.kind],
            "app_key": keys.app_key, "app_secret": keys.app_secret, "shops": {"jd": SHOPS["jd"]}, **own,
        }  # fmt: skip
        return ErpSettings(**{**values, **changes})

    def client(self, **changes: Any) -> Erp:
        # Without Redis the gate stands open: its budgets wait for a clock that goes by itself.
        means = Means(now=self.now, sessions=self.sessions, redis=NOBODY)
        return ERPS[self.kind](self.settings(**changes), means)

    def read(self, *, stock: bool = True, client: Erp | None = None) -> ErpReport:
        takers = Takers(self._keep_orders, self._keep_levels if stock else None, self._heard)
        return read(
            self.sessions, "erp", client or self.client(), takers, now=self.now, sleep=self.slept.append
        )  # fmt: skip

    def _keep_orders(self, _session: Session, page: Sequence[ErpShipment]) -> None:
        self.orders |= {one.number: one for one in page}

    def _keep_levels(self, _session: Session, page: Sequence[StockLevel]) -> None:
        self.levels |= {one.sku: one for one in page}

    def _heard(self, _session: Session, slug: str) -> None:
        self.stopped.append(slug)

    def add(self, count: int = 1, **values: Any) -> list[Order]:
        """Orders on JD, which every ERP shows, ten minutes old."""
        made = [self.state.world.add_order("jd", ago_seconds=600, **values) for _ in range(count)]
        self.erp.refresh()
        return made

    def move(self, **time: float) -> None:
        self.state.clock.move(timedelta(**time).total_seconds())

    def fault(self, kind: str, *, on: str = "orders", calls: int = 1, seconds: float = 1) -> None:
        method = {"orders": ORDERS, "stock": STOCK}[on][self.kind]
        self.state.faults.arm(kind, self.kind, method, calls=calls, seconds=seconds)

    def calls(self) -> list[str]:
        return [call.method for call in self.state.world.calls if call.platform == self.kind]

    def codes(self) -> set[str]:
        return {call.code for call in self.state.world.calls if call.platform == self.kind}


@contextmanager
def office(kind: str, sessions: sessionmaker[Session], now: datetime) -> Iterator[Office]:
    company = load_company(world={"orders_before": 0, "orders_a_minute": 0.0})
    with running(company, clock=Clock(standing_at=now)) as (url, state):
        yield Office(kind, url, state, sessions)
