"""Payments that members of a company took in WeCom chats (WeCom reference sheet 9.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from sqlalchemy import select

from config import Shop
from ingest.beijing import end_of_day
from ingest.fields import record_of
from ingest.means import Means
from ingest.platform_clock import PlatformClock
from ingest.snapshot import OrderSnapshot
from ingest.source import Memo, Record, Shipment, Windows, WriteBackRefused
from ingest.wecom_pay.bills import LIST, Bills, open_api, window
from ingest.wecom_pay.parse import is_refund, parse
from models import Order
from models import Shop as ShopRow
from models.beijing import BEIJING

_DAY_IN: Final = re.compile(r"[0-9]{10}(20[0-9]{6})[0-9]{10}").fullmatch
_SLACK: Final = timedelta(hours=1)
_SECOND: Final = timedelta(seconds=1)


class WecomPay:
    """Implements ingest.source.Marketplace. A bill is read by the time of its payment: what becomes of it later shows
    in bills of refunds, and in the bill itself when it is read again."""

    platform = "wecom_pay"
    api = LIST
    windows = Windows(span=timedelta(hours=12), overlap=timedelta(hours=2), lag=timedelta(minutes=1))
    needs: ClassVar[tuple[str, ...]] = ("gateway", "app_key", "app_secret")
    sweep_every: timedelta | None = timedelta(hours=1)
    told = False

    def __init__(self, shop: Shop, means: Means) -> None:
        self._slug, self._sessions = shop.slug, means.sessions
        self._until = shop.authorised_until
        self._api = open_api(shop, means)
        self._bills = Bills(self._api)
        self._clock = PlatformClock(means.now)

    def measure_clock(self) -> float:
        now = self._clock.now()
        return self._api.measure(self._clock, LIST, window(now - _SECOND, now) | {"limit": 1})

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        for page in self._bills.read(start, end):
            yield [self._record(bill) for bill in page]

    def created(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        for page in self._bills.read(start, end):
            yield [_named(bill) for bill in page if not is_refund(bill)]

    def count_created(self, start: datetime, end: datetime) -> None:
        """The list states no total; a proof compares the numbers themselves."""

    def order(self, external_id: str) -> Record | None:
        """There is no call for one bill: it is looked for at the time of its payment."""
        when = self._paid_between(external_id)
        if when is None:
            return None
        found = (_named(bill) for page in self._bills.read(*when) for bill in page if not is_refund(bill))
        return next((record for record in found if record.external_id == external_id), None)

    def parse(self, record: Record) -> OrderSnapshot:
        return parse(record)

    def detail(self, record: Record) -> Record:
        """The same record: a bill tells all there is."""
        return record

    def ship(self, shipment: Shipment) -> str:
        raise WriteBackRefused("企业微信对外收款没有发货接口，请直接告诉客户运单号")

    def write_memo(self, memo: Memo) -> str:
        raise WriteBackRefused("企业微信对外收款的备注不能修改")

    def refresh_session(self) -> bool:
        """A token that was refused has been replaced by the call itself; what is refused then, the secret is."""
        return False

    def authorised_until(self) -> datetime | None:
        """A secret has no end, unless the settings say so."""
        return end_of_day(self._until) if self._until else None

    def _record(self, bill: Mapping[str, Any]) -> Record:
        """A refund's bill stands for the payment that it changed; without that it is kept as it came."""
        record = _named(bill)
        return (self.order(record.external_id) or record) if is_refund(bill) else record

    def _paid_between(self, external_id: str) -> tuple[datetime, datetime] | None:
        """When the bill was paid: as the hub knows it, or else the day that stands in WeChat Pay's numbers (a habit
        of theirs, promised nowhere)."""
        if (paid_at := self._known(external_id)) is not None:
            return paid_at - _SECOND, paid_at + _SECOND
        if (day := _day_of(external_id)) is not None:
            return day - _SLACK, day + timedelta(days=1) + _SLACK
        return None

    def _known(self, external_id: str) -> datetime | None:
        query = select(Order.created_at).join(ShopRow, ShopRow.id == Order.shop_id)
        with self._sessions() as session:
            return session.scalar(query.where(ShopRow.slug == self._slug, Order.external_id == external_id))


def _named(bill: Mapping[str, Any]) -> Record:
    return record_of(bill, "transaction_id")


def _day_of(external_id: str) -> datetime | None:
    """The beginning of the Beijing day in a number such as 4200002312 20251222 0000000042."""
    found = _DAY_IN(external_id)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], "%Y%m%d").replace(tzinfo=BEIJING)
    except ValueError:
        return None
