"""One shop on JD's marketplace. The only place that knows JOS's protocol (reference sheet 4)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from config import Shop
from ingest.beijing import beijing_text
from ingest.fields import record_of, text
from ingest.http import Wire, total_of, transient
from ingest.jd.couriers import CODES
from ingest.jd.errors import error_of, refusal_of
from ingest.jd.parse import EFFECTS, HOLDS, parse
from ingest.means import Means
from ingest.paging import read_window
from ingest.platform_clock import PlatformClock
from ingest.shipping import Standing, company_code, tell
from ingest.signing import wrapped_md5
from ingest.snapshot import Effect, OrderSnapshot
from ingest.source import Action, PlatformError, Record, Shipment, Windows
from models.beijing import BEIJING

# All of them: a state left out would make its orders drop from the list while it is read.
STATES: Final = ",".join(EFFECTS)
FIELDS: Final = (
    "orderId,orderType,orderState,orderStateRemark,venderId,parentOrderId,directParentOrderId,orderTotalPrice,"
    "orderSellerPrice,orderPayment,freightPrice,sellerDiscount,balanceUsed,payType,orderStartTime,paymentConfirmTime,"
    "modified,orderEndTime,deliveryType,orderRemark,venderRemark,waybill,logisticsId,storeOrder,returnOrder,"
    "open_id_buyer,sendpayMap,pauseBizInfo,consigneeInfo,itemInfoList,couponDetailList"
)
_SEARCH: Final = "jingdong.pop.order.enSearch"
_TOLERANCE: Final = timedelta(minutes=6)


class Jd:
    """Implements ingest.source.Marketplace. Unpaid orders are not read: JD's search knows only what is to be made."""

    platform = "jd"
    api = _SEARCH
    windows = Windows(span=timedelta(hours=1), overlap=timedelta(minutes=10), lag=timedelta(minutes=2))
    needs = ("gateway", "app_key", "app_secret", "token")
    sweep_every = timedelta(hours=1)
    told = True
    page_size = 100
    most_rows = 10_000

    def __init__(self, shop: Shop, means: Means) -> None:
        self._shop = shop
        self._wire = Wire(shop.gateway)
        self._clock = PlatformClock(means.now)

    def measure_clock(self) -> float:
        """JD has no call for its time: the reply's Date tells it.

        Where our time was accepted and Date is further off than JD would accept, Date is not JD's clock but that of
        something in between; then our time stands.
        """
        asked_at = self._clock.now()
        start = beijing_text(asked_at - timedelta(seconds=1))
        error = _error_in(self._post(_SEARCH, _search(start, beijing_text(asked_at), number=1, size=1)))
        date = self._wire.date
        if error is not None and error.resolution.action is not Action.CLOCK:
            raise error
        if date is None or (error is None and abs(date - asked_at) > _TOLERANCE):
            return 0.0
        return self._clock.correct(date, asked_at)

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        return read_window(self, start, end)

    def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
        result = self._list(start, end, 1)
        return total_of(result.get("orderTotal")), _orders(result)

    def page(self, start: datetime, end: datetime, number: int) -> list[Record]:
        result = self._list(start, end, number)
        total_of(result.get("orderTotal"))  # a page without it states nothing
        return _orders(result)

    def parse(self, record: Record) -> OrderSnapshot:
        return parse(record)

    def detail(self, record: Record) -> Record:
        """The same record: the list tells all that is asked for in `optional_fields`."""
        return record

    def ship(self, shipment: Shipment) -> str:
        code = company_code(CODES, shipment.courier, "京东")

        def look() -> Standing:
            wanted = {"order_id": shipment.external_id, "optional_fields": "orderId,orderState,waybill,logisticsId"}
            order = self._result("jingdong.pop.order.enGet", wanted, "orderDetailInfo").get("orderInfo")
            if not isinstance(order, dict):
                raise transient("no-order")
            return _standing(order)

        def send() -> None:
            told = {"orderId": shipment.external_id, "logiCoprId": code, "logiNo": shipment.waybill}
            self._result("jingdong.pop.order.shipment", told, "sopjosshipment_result")

        return tell(shipment, look, send)

    def refresh_session(self) -> bool:
        """JD refreshes only in the last day before the end; a token that was refused is past it."""
        return False

    def _list(self, start: datetime, end: datetime, number: int) -> Mapping[str, Any]:
        params = _search(beijing_text(start), beijing_text(end), number=number, size=self.page_size)
        return self._result(_SEARCH, params, "searchorderinfo_result")

    def _result(self, method: str, params: Mapping[str, str], key: str) -> Mapping[str, Any]:
        """The named result of a call. Raises PlatformError; an outer code of "0" is no success yet."""
        document = self._post(method, params)
        if (error := _error_in(document)) is not None:
            raise error
        name = method.replace(".", "_")
        # The platform's own spelling is "responce"; its pages announce the right one.
        root = document.get(f"{name}_responce") or document.get(f"{name}_response")
        if not isinstance(root, dict):
            raise transient("no-root", "neither the reply's root nor an error")
        if str(root.get("code", "0")) != "0":
            raise error_of(root)
        result = root.get(key)
        if not isinstance(result, dict):
            raise transient("no-result")
        said = result["apiResult"] if isinstance(result.get("apiResult"), dict) else result
        if said.get("success") not in (True, "true"):
            raise refusal_of(said)
        return result

    def _post(self, method: str, params: Mapping[str, str]) -> dict[str, Any]:
        form = {
            "method": method,
            "access_token": self._shop.token,
            "app_key": self._shop.app_key,
            "timestamp": self._clock.now().astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S.000%z"),
            "v": "2.0",
            # Written once: signature and body must see the same text.
            "360buy_param_json": json.dumps(params, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        }
        form["sign"] = wrapped_md5(form, self._shop.app_secret)
        return self._wire.post(form)


def _search(start: str, end: str, *, number: int, size: int) -> dict[str, str]:
    return {
        "start_date": start,
        "end_date": end,
        "order_state": STATES,
        "optional_fields": FIELDS,
        "page": str(number),
        "page_size": str(size),
        "sortType": "0",
        "dateType": "0",
    }


def _error_in(document: Mapping[str, Any]) -> PlatformError | None:
    error = document.get("error_response")
    return error_of(error) if isinstance(error, dict) else None


def _orders(result: Mapping[str, Any]) -> list[Record]:
    found = result.get("orderInfoList") or []
    return [record_of(row, "orderId") for row in (found if isinstance(found, list) else [found])]


def _standing(order: Mapping[str, Any]) -> Standing:
    state = text(order.get("orderState"))
    effect = EFFECTS.get(state)
    if effect is Effect.SHIPPED:
        waybills = tuple(number for number in text(order.get("waybill")).split("|") if number)
        return Standing(shipped=True, waybills=waybills)
    if effect is Effect.CANCELLED:
        return Standing(shipped=False, refusal="京东订单已取消，不能发货")
    if effect is None or state in HOLDS:
        return Standing(shipped=False, refusal=f"京东不允许发货：{HOLDS.get(state, state)}")
    return Standing(shipped=False)
