"""One WeChat Shop (微信小店). The only place, with its neighbours, that knows its protocol (reference sheet 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

import structlog

from config import Shop
from ingest import memos
from ingest.beijing import end_of_day
from ingest.fields import rows, text
from ingest.http import transient
from ingest.means import Means
from ingest.platform_clock import PlatformClock
from ingest.shipping import Standing, company_code, must_be_here, tell
from ingest.snapshot import OrderSnapshot, Unreadable
from ingest.source import Action, Memo, PlatformError, Record, Shipment, Windows
from ingest.wxshop.aftersale import numbers_of
from ingest.wxshop.couriers import codes_of
from ingest.wxshop.errors import GONE
from ingest.wxshop.gateway import open_api
from ingest.wxshop.lists import LIST, after_sales, orders, window
from ingest.wxshop.parse import parse
from ingest.wxshop.standing import left_to_ship, notes_of, standing

log = structlog.get_logger()

# The platform's pages state no length: our own figure; a memo that is too long all the same is refused by its code.
_MEMO: Final = memos.Limit("微信小店", 1000, "字")


class Wxshop:
    """Implements ingest.source.Marketplace. The list tells numbers alone, so every order is read by its number, and
    with it the after-sales that it names.

    What moves an order's time of change is written nowhere: a window's after-sales are asked for beside its orders, and
    open orders are read again every hour for notes and addresses.
    """

    platform = "wxshop"
    api = LIST
    windows = Windows(span=timedelta(hours=1), overlap=timedelta(minutes=5), lag=timedelta(minutes=2))
    needs: ClassVar[tuple[str, ...]] = ("gateway", "app_key", "app_secret")
    sweep_every: timedelta | None = timedelta(hours=1)
    told = True

    def __init__(self, shop: Shop, means: Means) -> None:
        self._until = shop.authorised_until
        self._api = open_api(shop, means)
        self._clock = PlatformClock(means.now)

    def measure_clock(self) -> float:
        now = self._clock.now()
        asked = window("update_time_range", now - timedelta(seconds=1), now)
        return self._api.measure(self._clock, LIST, asked | {"page_size": 1, "next_key": ""})

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        read: set[str] = set()
        for numbers in orders(self._api, "update_time_range").read(start, end):
            read.update(numbers)
            yield [self._record(number) for number in numbers]
        for cases in after_sales(self._api).read(start, end):
            about = dict.fromkeys(text(case.get("order_id")) for case in self._cases(cases))
            yield [self._record(number) for number in about if number and number not in read]

    def created(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        for numbers in orders(self._api, "create_time_range").read(start, end):
            yield [self._record(number) for number in numbers]

    def count_created(self, start: datetime, end: datetime) -> None:
        """The list states no total; a proof compares the numbers themselves."""

    def order(self, external_id: str) -> Record | None:
        try:
            return Record(external_id, self._whole(external_id))
        except PlatformError as error:
            if error.resolution is GONE:
                return None
            raise

    def parse(self, record: Record) -> OrderSnapshot:
        return parse(record)

    def detail(self, record: Record) -> Record:
        """The same record: every order was read by its number already."""
        return record

    def ship(self, shipment: Shipment) -> str:
        code = company_code(self._couriers(), shipment.courier, "微信小店")
        goods: list[dict[str, Any]] = []

        def look() -> Standing:
            order = self._whole(shipment.external_id)
            goods[:] = left_to_ship(order, shipment.lines)
            return standing(order)

        def send() -> None:
            must_be_here(shipment, goods)
            parcel = {"delivery_id": code, "waybill_id": shipment.waybill, "deliver_type": 1, "product_infos": goods}
            told = {"order_id": shipment.external_id, "delivery_list": [parcel]}
            self._api.call("/channels/ec/order/delivery/send", told)

        return tell(shipment, look, send)

    def write_memo(self, memo: Memo) -> str:
        """The note alone: no page of the platform tells of a flag."""

        def look() -> memos.Standing:
            return memos.Standing(notes_of(self._order(memo.external_id)), None)

        def write(words: str, _flag: int | None) -> None:
            told = {"order_id": memo.external_id, "merchant_notes": words}
            self._api.call("/channels/ec/order/merchantnotes/update", told)

        return memos.note(replace(memo, flag=None), _MEMO, look, write)

    def refresh_session(self) -> bool:
        """A token that was refused has been replaced by the call itself; what is refused then, the secret is."""
        return False

    def authorised_until(self) -> datetime | None:
        """A secret has no end, unless the settings say so."""
        return end_of_day(self._until) if self._until else None

    def _record(self, number: str) -> Record:
        """An order that the platform lists and then refuses is kept by its number, and holds up no other."""
        try:
            return Record(number, self._whole(number))
        except PlatformError as error:
            if error.resolution.action is not Action.PARK:
                raise
            log.warning("order_refused", number=number, code=error.code)
            return Record(number, {"order_id": number})

    def _whole(self, number: str) -> dict[str, Any]:
        """The order, and beside it the after-sales that it names."""
        order = self._order(number)
        cases = self._cases(numbers_of(order))
        return order | {"after_sales": cases} if cases else order

    def _cases(self, numbers: Iterable[str]) -> list[dict[str, Any]]:
        """One that is listed and then refused is left out: the order's own figures stand without it."""
        found = []
        for number in numbers:
            try:
                case = self._api.call("/channels/ec/aftersale/getaftersaleorder", {"after_sale_order_id": number})
            except PlatformError as error:
                if error.resolution.action is not Action.PARK:
                    raise
                log.warning("after_sale_refused", number=number, code=error.code)
                continue
            if not isinstance(told := case.get("after_sale_order"), dict):
                raise transient("no-after-sale")
            found.append(told)
        return found

    def _order(self, number: str) -> dict[str, Any]:
        order = self._api.call("/channels/ec/order/get", {"order_id": number}).get("order")
        if not isinstance(order, dict):
            raise transient("no-order")
        return order

    def _couriers(self) -> dict[str, str]:
        reply: Mapping[str, Any] = self._api.call("/channels/ec/order/deliverycompanylist/new/get", {})
        try:
            return codes_of(rows(reply.get("company_list"), "快递公司列表"))
        except Unreadable as error:
            raise transient("no-couriers", str(error)) from None
