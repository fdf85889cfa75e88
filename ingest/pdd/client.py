"""One Pinduoduo shop. The only place that knows POP's protocol (reference sheet 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from config import Shop
from ingest.fields import record_of, text
from ingest.http import Wire, total_of, transient
from ingest.means import Means
from ingest.paging import read_window
from ingest.pdd.couriers import CODES
from ingest.pdd.errors import error_of
from ingest.pdd.parse import is_cancelled, is_held, order_status, parse
from ingest.platform_clock import PlatformClock
from ingest.shipping import Standing, company_code, tell
from ingest.signing import wrapped_md5
from ingest.snapshot import OrderSnapshot, Unreadable
from ingest.source import Record, Shipment, Windows

# Not to be derived from the method's name: the platform chose each by hand.
ROOTS: Final = {
    "pdd.time.get": "time_get_response",
    "pdd.order.number.list.increment.get": "order_sn_increment_get_response",
    "pdd.order.information.get": "order_info_get_response",
    "pdd.logistics.online.send": "logistics_online_send_response",
}
_NO_TOKEN: Final = frozenset({"pdd.time.get"})


class Pdd:
    """Implements ingest.source.Marketplace."""

    platform = "pdd"
    api = "pdd.order.number.list.increment.get"
    # The platform wants the end 3 minutes behind its clock, which we know to a few seconds only.
    windows = Windows(span=timedelta(minutes=30), overlap=timedelta(minutes=5), lag=timedelta(minutes=3, seconds=10))
    needs = ("gateway", "app_key", "app_secret", "token")
    sweep_every = timedelta(hours=6)
    told = True
    page_size = 100
    most_rows = 5_000

    def __init__(self, shop: Shop, means: Means) -> None:
        self._shop = shop
        self._wire = Wire(shop.gateway)
        self._clock = PlatformClock(means.now)

    def measure_clock(self) -> float:
        return self._clock.measure(lambda: self._call("pdd.time.get", {}).get("time"), self._wire)

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        return read_window(self, start, end)

    def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
        reply = self._list(start, end, number=1, use_has_next="false")
        return total_of(reply.get("total_count")), _orders(reply)

    def page(self, start: datetime, end: datetime, number: int) -> list[Record]:
        reply = self._list(start, end, number=number, use_has_next="true")
        if "order_sn_list" not in reply and reply.get("has_next") is not False:
            raise transient("no-page", "neither rows nor the end of rows")
        return _orders(reply)

    def parse(self, record: Record) -> OrderSnapshot:
        return parse(record)

    def detail(self, record: Record) -> Record:
        """The same record: the list tells all."""
        return record

    def ship(self, shipment: Shipment) -> str:
        code = company_code(CODES, shipment.courier, "拼多多")
        number = {"order_sn": shipment.external_id}

        def look() -> Standing:
            order = self._call("pdd.order.information.get", number).get("order_info")
            if not isinstance(order, dict):
                raise transient("no-order")
            return _standing(order)

        def send() -> None:
            told = number | {"logistics_id": code, "tracking_number": shipment.waybill}
            reply = self._call("pdd.logistics.online.send", told)
            if reply.get("is_success") not in (True, "true", 1):
                raise transient("no-success")

        return tell(shipment, look, send)

    def refresh_session(self) -> bool:
        """Refreshing does not prolong Pinduoduo's authorisation: the shop's owner must give a new one."""
        return False

    def _list(self, start: datetime, end: datetime, *, number: int, use_has_next: str) -> Mapping[str, Any]:
        params = {
            "start_updated_at": str(int(start.timestamp())),
            "end_updated_at": str(int(end.timestamp())),
            "is_lucky_flag": "0",
            "order_status": "5",
            "refund_status": "5",
            "page": str(number),
            "page_size": str(self.page_size),
            "use_has_next": use_has_next,
        }
        return self._call(self.api, params)

    def _call(self, method: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        """What stands under the reply's root. Raises PlatformError."""
        form = {
            "type": method,
            "client_id": self._shop.app_key,
            "timestamp": str(int(self._clock.now().timestamp())),
            "data_type": "JSON",
            "version": "V1",
            **params,
        }
        if method not in _NO_TOKEN:
            form["access_token"] = self._shop.token
        form["sign"] = wrapped_md5(form, self._shop.app_secret)
        document = self._wire.post(form)
        if isinstance(error := document.get("error_response"), dict):
            raise error_of(error)
        root = document.get(ROOTS[method])
        if not isinstance(root, dict):
            raise transient("no-root", "neither the reply's root nor an error")
        return root


def _orders(reply: Mapping[str, Any]) -> list[Record]:
    found = reply.get("order_sn_list") or []
    return [record_of(row, "order_sn") for row in (found if isinstance(found, list) else [found])]


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
