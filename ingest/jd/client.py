"""One shop on JD's marketplace (reference sheet 4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

import structlog

from config import Shop
from ingest import memos
from ingest.couriers import Codes
from ingest.fields import flag, record_of, rows, text
from ingest.http import transient
from ingest.jd.couriers import CODES, SELF_DELIVERY
from ingest.jd.errors import says_unknown
from ingest.jd.gateway import Gateway
from ingest.jd.lists import BY_CHANGE, BY_CREATION, FIELDS, SEARCH, Search, Unpaid
from ingest.jd.parse import EFFECTS, HOLDS, parse
from ingest.means import Means
from ingest.paging import read_window
from ingest.shipping import Standing, company_code, tell
from ingest.snapshot import Effect, OrderSnapshot
from ingest.source import Action, Memo, PlatformError, Record, Shipment, Windows

log = structlog.get_logger()

_MEMO: Final = memos.Limit("京东", 500, "个字")
_COMPANIES: Final = "360buy.get.vender.all.delivery.company"
_NOT_OURS: Final = (Action.STOP, Action.PARK)  # of the interface of unpaid orders: the right to it is given apart


class Jd:
    """Implements ingest.source.Marketplace. What is not paid yet is read from its own list, as `unpaid`."""

    platform = "jd"
    api = SEARCH
    windows = Windows(span=timedelta(hours=1), overlap=timedelta(minutes=10), lag=timedelta(minutes=2))
    needs: ClassVar[tuple[str, ...]] = ("gateway", "app_key", "app_secret", "token")
    sweep_every: timedelta | None = timedelta(hours=1)
    told = True

    def __init__(self, shop: Shop, means: Means) -> None:
        self._slug = shop.slug
        self._gateway = Gateway(shop, means)
        self._changed, self._created = Search(self._gateway, BY_CHANGE), Search(self._gateway, BY_CREATION)
        self._unpaid = Unpaid(self._gateway)
        self._codes = Codes(CODES, self._companies)

    def measure_clock(self) -> float:
        now = self._gateway.now()
        return self._gateway.measure_clock(
            SEARCH, self._changed.params(now - timedelta(seconds=1), now, number=1, size=1)
        )

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        yield from self._not_paid(start, end)
        yield from read_window(self._changed, start, end)

    def created(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        yield from self._not_paid(start, end)
        yield from read_window(self._created, start, end)

    def count_created(self, start: datetime, end: datetime) -> int:
        """What never is paid JD forgets without a word: then neither list states it any more."""
        return self._count_unpaid(start, end) + self._created.count(start, end)[0]

    def order(self, external_id: str) -> Record | None:
        found = self._paid(external_id) or self._not_paid_yet(external_id)
        return record_of(found, "orderId") if found else None

    def parse(self, record: Record) -> OrderSnapshot:
        return parse(record)

    def detail(self, record: Record) -> Record:
        """The same record: the list tells all that is asked for in `optional_fields`."""
        return record

    def ship(self, shipment: Shipment) -> str:
        code = company_code(self._codes.of(shipment.courier), shipment.courier, "京东")

        def look() -> Standing:
            return _standing(self._get(shipment.external_id, "orderId,orderState,waybill,logisticsId"))

        def send() -> None:
            told = {"orderId": shipment.external_id, "logiCoprId": code, "logiNo": shipment.waybill}
            self._gateway.result("jingdong.pop.order.shipment", told, "sopjosshipment_result")

        return tell(shipment, look, send)

    def write_memo(self, memo: Memo) -> str:
        def look() -> memos.Standing:
            words = self._get(memo.external_id, "orderId,venderRemark").get("venderRemark")
            return memos.Standing(text(words), self._memo_flag(memo.external_id))

        def write(words: str, colour: int | None) -> None:
            told = {"order_id": memo.external_id, "flag": str(colour or 0), "remark": words}
            self._gateway.result("jingdong.pop.order.modifyVenderRemark", told, "modifyvenderremark_result")

        return memos.note(memo, _MEMO, look, write)

    def refresh_session(self) -> bool:
        return self._gateway.refresh_session()

    def authorised_until(self) -> datetime | None:
        return self._gateway.authorised_until()

    def couriers(self) -> list[str]:
        """Those that are enabled in the shop."""
        return self._codes.slugs()

    def _companies(self) -> dict[str, str]:
        params, name = {"fields": "id,name"}, "vender_delivery_all_company"
        found = rows(self._gateway.root(_COMPANIES, params, name).get("delivery_companies"), "快递公司列表")
        return {text(row.get("id")): text(row.get("name")) for row in found if text(row.get("id")) != SELF_DELIVERY}

    def _not_paid(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        """Without the right to this list a shop is still read: what was paid must not wait for what was not."""
        try:
            yield from read_window(self._unpaid, start, end)
        except PlatformError as error:
            if error.resolution.action not in _NOT_OURS:
                raise
            log.warning("unpaid_refused", shop=self._slug, code=error.code)

    def _count_unpaid(self, start: datetime, end: datetime) -> int:
        try:
            return self._unpaid.count(start, end)[0]
        except PlatformError as error:
            if error.resolution.action not in _NOT_OURS:
                raise
            return 0

    def _get(self, number: str, fields: str) -> Mapping[str, Any]:
        order = self._found({"order_id": number, "optional_fields": fields})
        if not isinstance(order, dict):
            raise transient("no-order")
        return order

    def _found(self, wanted: Mapping[str, str]) -> Any:
        return self._gateway.result("jingdong.pop.order.enGet", wanted, "orderDetailInfo").get("orderInfo")

    def _paid(self, number: str) -> Any:
        try:
            return self._found({"order_id": number, "optional_fields": FIELDS})
        except PlatformError as error:
            if says_unknown(error):
                return None
            raise

    def _not_paid_yet(self, number: str) -> Any:
        try:
            root = self._gateway.root("jingdong.pop.order.notPayOrderById", {"orderId": number})
        except PlatformError as error:
            if error.resolution.action not in _NOT_OURS:
                raise
            return None
        return root.get("orderDataNotPayInfo")

    def _memo_flag(self, number: str) -> int | None:
        """The order itself does not tell it."""
        reply = self._gateway.root("jingdong.order.venderRemark.queryByOrderId", {"order_id": number})
        result = reply.get("venderRemarkQueryResult")
        remark = result.get("vender_remark") if isinstance(result, dict) else None
        return flag(remark.get("flag")) if isinstance(remark, dict) else None


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
