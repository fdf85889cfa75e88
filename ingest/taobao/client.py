"""One Taobao shop, over the platform's classic gateway (reference sheet 3)."""

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
from ingest.shipping import Standing, company_code, must_be_here, tell
from ingest.snapshot import Effect, OrderSnapshot
from ingest.source import Memo, PlatformError, Record, Shipment, Windows
from ingest.taobao.couriers import CODES
from ingest.taobao.errors import GONE
from ingest.taobao.gateway import Gateway
from ingest.taobao.lists import LIST_FIELDS, List
from ingest.taobao.parse import EFFECTS, parse
from ingest.taobao.standing import standing, unshipped

DETAIL_FIELDS: Final = f"{LIST_FIELDS},seller_memo,buyer_message,modify_address,ti_modify_address_time"
_OPEN: Final = frozenset(status for status, effect in EFFECTS.items() if effect in (Effect.ADMIT, Effect.UNPAID))
_MEMO: Final = memos.Limit("淘宝", 1000, "字节（约 333 个汉字）", lambda words: len(words.encode()))


class Taobao:
    """Implements ingest.source.Marketplace. What was created more than three months ago its list does not tell."""

    platform = "taobao"
    api = "taobao.trades.sold.increment.get"
    windows = Windows(span=timedelta(minutes=30), overlap=timedelta(minutes=5), lag=timedelta(minutes=1))
    needs: ClassVar[tuple[str, ...]] = ("gateway", "app_key", "app_secret", "token")
    sweep_every: timedelta | None = None
    told = True

    def __init__(self, shop: Shop, means: Means) -> None:
        self._gateway = Gateway(shop, means)
        self._changed = List(self._gateway, self.api, "modified")
        self._created = List(self._gateway, "taobao.trades.sold.get", "created")
        self._codes = Codes(CODES, self._companies)

    def measure_clock(self) -> float:
        return self._gateway.measure_clock()

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        return read_window(self._changed, start, end)

    def created(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        return read_window(self._created, start, end)

    def count_created(self, start: datetime, end: datetime) -> int:
        return self._created.count(start, end)[0]

    def order(self, external_id: str) -> Record | None:
        """In the fields of the list, so that one which did not change is known again; `detail` adds the rest."""
        try:
            return record_of(self._trade(external_id, LIST_FIELDS), "tid")
        except PlatformError as error:
            if error.resolution is GONE:
                return None
            raise

    def parse(self, record: Record) -> OrderSnapshot:
        return parse(record)

    def detail(self, record: Record) -> Record:
        """With memo and buyer's message, for orders still to be worked on; others are left as they are."""
        if text(record.body.get("status")) not in _OPEN:
            return record
        full = self._trade(record.external_id, DETAIL_FIELDS)
        words = {name: text(full.get(name)) for name in ("seller_memo", "buyer_message")}
        return Record(record.external_id, {**record.body, **full, **words})

    def ship(self, shipment: Shipment) -> str:
        code = company_code(self._codes.of(shipment.courier), shipment.courier, "淘宝")
        rest: list[str] = []  # the lines to name when others of the order have left before, or leave later

        def look() -> Standing:
            trade = self._trade(shipment.external_id, "tid,status,type,step_trade_status,orders")
            rest[:] = unshipped(trade, shipment.lines)
            return standing(trade)

        def send() -> None:
            must_be_here(shipment, rest)
            params = {"tid": shipment.external_id, "out_sid": shipment.waybill, "company_code": code}
            split = {"is_split": "1", "sub_tid": ",".join(rest)} if rest else {}
            self._gateway.call("taobao.logistics.offline.send", params | split)

        return tell(shipment, look, send)

    def write_memo(self, memo: Memo) -> str:
        def look() -> memos.Standing:
            trade = self._trade(memo.external_id, "tid,seller_memo,seller_flag")
            return memos.Standing(text(trade.get("seller_memo")), flag(trade.get("seller_flag")))

        def write(words: str, colour: int | None) -> None:
            # Without a flag the platform takes 0, grey: the one that stands is sent along.
            params = {"tid": memo.external_id, "memo": words, "flag": str(colour or 0)}
            self._gateway.call("taobao.trade.memo.update", params)

        return memos.note(memo, _MEMO, look, write)

    def refresh_session(self) -> bool:
        return self._gateway.refresh_session()

    def authorised_until(self) -> datetime | None:
        return self._gateway.authorised_until()

    def couriers(self) -> list[str]:
        return self._codes.slugs()

    def _companies(self) -> dict[str, str]:
        params = {"fields": "id,code,name"}
        listed = self._gateway.call("taobao.logistics.companies.get", params, session=False).get("logistics_companies")
        found = rows(listed.get("logistics_company") if isinstance(listed, dict) else None, "快递公司列表")
        return {text(row.get("code")): text(row.get("name")) for row in found}

    def _trade(self, number: str, fields: str) -> Mapping[str, Any]:
        trade = self._gateway.call("taobao.trade.fullinfo.get", {"tid": number, "fields": fields}).get("trade")
        if not isinstance(trade, dict):
            raise transient("no-trade")
        return trade
