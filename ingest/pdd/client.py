"""One Pinduoduo shop (reference sheet 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from config import Shop
from ingest import memos
from ingest.couriers import Codes
from ingest.fields import flag, record_of, rows, text
from ingest.http import transient
from ingest.means import Means
from ingest.paging import read_window
from ingest.pdd.couriers import CODES
from ingest.pdd.errors import note_refused, says_unknown
from ingest.pdd.gateway import Gateway
from ingest.pdd.lists import List
from ingest.pdd.parse import is_cancelled, is_held, order_status, parse
from ingest.shipping import Standing, company_code, tell
from ingest.snapshot import OrderSnapshot, Unreadable
from ingest.source import Memo, PlatformError, Record, Shipment, Windows, WriteBackRefused

FLAGS: Final = {1: "红色", 2: "黄色", 3: "绿色", 4: "蓝色", 5: "紫色"}
"""tag → tag_name, which must come together."""

# The interface names no limit; the merchants' own page takes so many.
_MEMO: Final = memos.Limit("拼多多", 300, "个字")
_DAY: Final = timedelta(hours=24)  # the most that the list by deal takes


class Pdd:
    """Implements ingest.source.Marketplace.

    An order counts as created when its deal is made (confirm_time, `paid_at` here): by that alone does Pinduoduo list
    orders, and a group that never filled is no deal.
    """

    platform = "pdd"
    api = "pdd.order.number.list.increment.get"
    # The platform wants the end 3 minutes behind its clock, which we know to a few seconds only.
    windows = Windows(span=timedelta(minutes=30), overlap=timedelta(minutes=5), lag=timedelta(minutes=3, seconds=10))
    needs: ClassVar[tuple[str, ...]] = ("gateway", "app_key", "app_secret", "token")
    sweep_every: timedelta | None = timedelta(hours=6)
    told = True

    def __init__(self, shop: Shop, means: Means) -> None:
        self._gateway = Gateway(shop, means)
        self._changed = List(self._gateway, self.api, "updated_at", "order_sn_list", {"is_lucky_flag": "0"})
        self._codes = Codes(CODES, self._companies)
        self._dealt = List(self._gateway, "pdd.order.list.get", "confirm_at", "order_list")

    def measure_clock(self) -> float:
        return self._gateway.measure_clock()

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        return read_window(self._changed, start, end)

    def created(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        for first, last in _days(start, end):
            yield from read_window(self._dealt, first, last)

    def count_created(self, start: datetime, end: datetime) -> int:
        return sum(self._dealt.count(first, last)[0] for first, last in _days(start, end))

    def order(self, external_id: str) -> Record | None:
        """In the fields of the list, as the platform documents both; a difference costs one more reading, no order."""
        try:
            return record_of(self._order(external_id), "order_sn")
        except PlatformError as error:
            if says_unknown(error):
                return None
            raise

    def parse(self, record: Record) -> OrderSnapshot:
        return parse(record)

    def detail(self, record: Record) -> Record:
        """The same record: the list tells all."""
        return record

    def ship(self, shipment: Shipment) -> str:
        code = company_code(self._codes.of(shipment.courier), shipment.courier, "拼多多")

        def look() -> Standing:
            return _standing(self._order(shipment.external_id))

        def send() -> None:
            told = {"order_sn": shipment.external_id, "logistics_id": code, "tracking_number": shipment.waybill}
            reply = self._gateway.call("pdd.logistics.online.send", told)
            if reply.get("is_success") not in (True, "true", 1):
                raise transient("no-success")

        return tell(shipment, look, send)

    def write_memo(self, memo: Memo) -> str:
        if memo.flag == 0:
            raise WriteBackRefused("拼多多的接口不能去掉旗帜，请到商家后台去掉")

        def look() -> memos.Standing:
            order = self._order(memo.external_id)
            return memos.Standing(text(order.get("remark")), flag(order.get("remark_tag")))

        def write(words: str, colour: int | None) -> None:
            tag = {"tag": str(colour), "tag_name": FLAGS[colour]} if colour else {}
            reply = self._gateway.call("pdd.order.note.update", {"order_sn": memo.external_id, "note": words, **tag})
            if reply.get("success") not in (True, "true", 1):
                raise note_refused(reply)

        return memos.note(memo, _MEMO, look, write)

    def refresh_session(self) -> bool:
        """Refreshing does not prolong Pinduoduo's authorisation: the shop's owner must give a new one."""
        return False

    def authorised_until(self) -> datetime | None:
        return self._gateway.authorised_until()

    def couriers(self) -> list[str]:
        return self._codes.slugs()

    def _companies(self) -> dict[str, str]:
        found = rows(self._gateway.call("pdd.logistics.companies.get", {}).get("logistics_companies"), "快递公司列表")
        usable = [row for row in found if text(row.get("available") or "1") == "1"]
        return {text(row.get("id")): text(row.get("logistics_company")) for row in usable}

    def _order(self, number: str) -> Mapping[str, Any]:
        order = self._gateway.call("pdd.order.information.get", {"order_sn": number}).get("order_info")
        if not isinstance(order, dict):
            raise transient("no-order")
        return order


def _days(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The closed window in pieces that the list takes; no second belongs to two of them."""
    while end - start > _DAY:
        yield start, start + _DAY - timedelta(seconds=1)
        start += _DAY
    yield start, end


def _standing(order: Mapping[str, Any]) -> Standing:
    try:
        status, held = order_status(order), is_held(order)
    except Unreadable as error:
        return Standing(shipped=False, refusal=str(error))
    if status != 1:
        number = text(order.get("tracking_number"))
        return Standing(shipped=True, waybills=(number,) if number else ())
    if is_cancelled(order):
        return Standing(shipped=False, refusal="拼多多订单已取消或已退款，不能发货")
    if text(order.get("refund_status")) in ("2", "3"):
        return Standing(shipped=False, refusal="拼多多订单售后处理中，请先处理退款")
    return Standing(shipped=False, refusal=held)
