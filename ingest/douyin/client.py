"""One Douyin shop (reference sheet 6)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

import structlog

from config import Shop
from ingest import memos
from ingest.beijing import end_of_day
from ingest.douyin.couriers import listed_codes
from ingest.douyin.errors import GONE
from ingest.douyin.gateway import Gateway
from ingest.douyin.lists import SEARCH, AfterSales, Orders, just_now, order_number
from ingest.douyin.parse import STARS, flag_of, parse
from ingest.douyin.standing import standing, unshipped
from ingest.fields import record_of, rows, text
from ingest.http import transient
from ingest.means import Means
from ingest.paging import read_window
from ingest.shipping import Standing, company_code, must_be_here, tell
from ingest.snapshot import OrderSnapshot, Unreadable
from ingest.source import Action, Memo, PlatformError, Record, Shipment, Windows

log = structlog.get_logger()

# 60 in older pages of the platform, 500 in later ones: the longer one, for it refuses by itself what is too long.
_MEMO: Final = memos.Limit("抖店", 500, "个字符")


class Douyin:
    """Implements ingest.source.Marketplace. What was created more than 90 days ago its list does not tell."""

    platform = "douyin"
    api = SEARCH
    windows = Windows(span=timedelta(hours=1), overlap=timedelta(minutes=5), lag=timedelta(minutes=2))
    needs: ClassVar[tuple[str, ...]] = ("gateway", "app_key", "app_secret", "shop_id")
    sweep_every: timedelta | None = timedelta(hours=1)  # memo, star and address move no `update_time`
    told = True

    def __init__(self, shop: Shop, means: Means) -> None:
        self._shop = shop
        self._gateway = Gateway(shop, means)
        self._changed = Orders(self._gateway, "update_time")
        self._created = Orders(self._gateway, "create_time")
        self._after_sales = AfterSales(self._gateway)
        self._codes: dict[str, str] = {}

    def measure_clock(self) -> float:
        return self._gateway.measure_clock(SEARCH, just_now(self._gateway))

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        """A refund that is asked for moves no `update_time` of its order: the list of after-sales tells of those."""
        yield from read_window(self._changed, start, end)
        numbers: dict[str, None] = {}
        for page in read_window(self._after_sales, start, end):
            numbers |= dict.fromkeys(order_number(record) for record in page)
        for number in filter(None, numbers):
            found = self._order_of_after_sale(number)
            if found is not None:
                yield [found]

    def created(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        return read_window(self._created, start, end)

    def count_created(self, start: datetime, end: datetime) -> int:
        return self._created.count(start, end)[0]

    def order(self, external_id: str) -> Record | None:
        try:
            return record_of(self._detail(external_id), "order_id")
        except PlatformError as error:
            if error.resolution is GONE:
                return None
            raise

    def parse(self, record: Record) -> OrderSnapshot:
        return parse(record)

    def detail(self, record: Record) -> Record:
        """The same record: the list tells all."""
        return record

    def ship(self, shipment: Shipment) -> str:
        code = company_code(self._company_codes(shipment.courier), shipment.courier, "抖店")
        rest: list[dict[str, Any]] = []  # the lines to name when others of the order have left before, or leave later

        def look() -> Standing:
            order = self._detail(shipment.external_id)
            shown = standing(order)
            if not (shown.shipped or shown.refusal):
                rest[:] = _rest(order, shipment.lines)
            return shown

        def send() -> None:
            must_be_here(shipment, rest)
            parcel = {"company_code": code, "logistics_code": shipment.waybill}
            if rest:
                self._gateway.call("order.logisticsAddMultiPack", _pack(shipment, parcel, rest))
            else:
                self._gateway.call("order.logisticsAdd", {"order_id": shipment.external_id, **parcel})

        return tell(shipment, look, send)

    def write_memo(self, memo: Memo) -> str:
        def look() -> memos.Standing:
            order = self._detail(memo.external_id)
            return memos.Standing(text(order.get("seller_words")), flag_of(order))

        def write(words: str, flag: int | None) -> None:
            asked = {"order_id": memo.external_id, "remark": words, "is_add_star": "true", "star": STARS[flag or 0]}
            self._gateway.call("order.addOrderRemark", asked)

        return memos.note(memo, _MEMO, look, write)

    def refresh_session(self) -> bool:
        return self._gateway.refresh_session()

    def authorised_until(self) -> datetime | None:
        """As far as the settings say: tokens are renewed without end, and the platform tells no other."""
        return end_of_day(self._shop.authorised_until) if self._shop.authorised_until else None

    def _order_of_after_sale(self, number: str) -> Record | None:
        """Without the one that the platform refuses to tell: it must not stop the others."""
        try:
            return self.order(number)
        except PlatformError as error:
            if error.resolution.action is not Action.PARK:
                raise
            log.warning("order_refused", shop=self._shop.slug, number=number, code=error.code)
            return None

    def _detail(self, number: str) -> Mapping[str, Any]:
        order = self._gateway.call("order.orderDetail", {"shop_order_id": number}).get("shop_order_detail")
        if not isinstance(order, dict):
            raise transient("no-order")
        return order

    def _company_codes(self, courier: str) -> dict[str, str]:
        """Of the platform's own list, which is read again for a courier that it did not have: which spellings it takes
        is nowhere written."""
        if courier not in self._codes:
            told = self._gateway.call("order.logisticsCompanyList", {})
            try:
                listed = rows(told.get("data"), "快递公司")
            except Unreadable:
                listed = []
            if not listed:
                raise transient("no-couriers", "the reply lists no courier")
            self._codes = listed_codes({text(row.get("code")): text(row.get("name")) for row in listed})
        return self._codes


def _rest(order: Mapping[str, Any], named: Sequence[str]) -> list[dict[str, Any]]:
    try:
        return unshipped(order, named)
    except Unreadable as error:
        raise transient("no-lines", str(error)) from None


def _pack(shipment: Shipment, parcel: Mapping[str, str], rest: list[dict[str, Any]]) -> dict[str, Any]:
    """The same parcel always bears the same request number, by which the platform knows a repeat."""
    number = hashlib.sha256(f"{shipment.external_id}/{shipment.waybill}".encode()).hexdigest()[:32]
    return {
        "order_id": shipment.external_id,
        "request_id": number,
        "pack_list": [{**parcel, "shipped_order_info": rest}],
    }
