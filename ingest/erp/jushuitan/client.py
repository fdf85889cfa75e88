"""One 聚水潭 account. The only place that knows its protocol (reference sheet 14.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from config import Erp as ErpSettings
from ingest.authorisation import Authorisation, Tokens
from ingest.beijing import beijing_text
from ingest.budget import MINUTE, SECOND, Limit
from ingest.erp.jushuitan.errors import error_of
from ingest.erp.jushuitan.parse import level, shipment, version
from ingest.erp.reading import Row, readable
from ingest.erp.signing import sign_jushuitan
from ingest.erp.source import ErpShipment, StockPage
from ingest.erp.wires import Wires
from ingest.fields import record_of
from ingest.gate import Gate, Party
from ingest.http import total_of, transient
from ingest.means import Means
from ingest.paging import read_window
from ingest.platform_clock import PlatformClock
from ingest.source import Record, Windows

ORDERS: Final = "/open/orders/single/query"
STOCK: Final = "/open/inventory/query"
RENEW: Final = "/openWeb/auth/refreshToken"
_FIRST: Final = "1"  # the version from which everything is told
_IN_TIME: Final = timedelta(days=3)
_PARTY: Final = Party("jushuitan", "聚水潭接口")
_LIMITS: Final = (Limit(5, SECOND), Limit(100, MINUTE))  # of one company


class Jushuitan:
    """Implements ingest.erp.source.Erp."""

    kind = "jushuitan"
    # The overlap is longer than a platform's pull takes: what was shipped before the hub knew the order is told again.
    windows = Windows(span=timedelta(hours=12), overlap=timedelta(minutes=30), lag=timedelta(minutes=1))
    needs: ClassVar[tuple[str, ...]] = ("token",)
    page_size = 50  # 100 on newer accounts
    most_rows = 5_000
    stock_rows = 100

    def __init__(self, settings: ErpSettings, means: Means) -> None:
        self._settings = settings
        self._clock = PlatformClock(means.now)
        gate = Gate(_PARTY, means.redis, means.now, app=settings.app_key, limits=_LIMITS)
        self._wires = Wires(settings.gateway, gate, self._clock)
        self._authorisation = Authorisation(settings, means, _IN_TIME)
        self.unreadable = 0

    def measure_clock(self) -> float:
        return self._wires.measure_clock()

    def stock(self, since: str) -> Iterator[StockPage]:
        """By row version, which neither drifts nor needs a window; the mark is the highest one told."""
        mark = int(since or _FIRST)
        while True:
            reply = self._call(STOCK, {"ts": mark, "page_index": 1, "page_size": self.stock_rows, "has_lock_qty": True})
            rows = _rows(reply, "inventorys")
            newest = max([mark, *readable(rows, version, self._not_read)])
            yield StockPage(tuple(readable(rows, level, self._not_read)), str(newest))
            if len(rows) < self.stock_rows:
                return
            if newest == mark:
                raise transient("no-progress", "a full page of stock rows without a newer version")
            mark = newest

    def shipments(self, start: datetime, end: datetime) -> Iterator[list[ErpShipment]]:
        for page in read_window(self, start, end):
            yield readable([record.body for record in page], shipment, self._not_read)

    def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
        reply = self._orders(start, end, 1)
        return total_of(reply.get("data_count")), _records(reply)

    def page(self, start: datetime, end: datetime, number: int) -> list[Record]:
        return _records(self._orders(start, end, number))

    def refresh_session(self) -> bool:
        return self._authorisation.renew(self._renewed)

    def authorised_until(self) -> datetime | None:
        return self._authorisation.until()

    def _orders(self, start: datetime, end: datetime, number: int) -> Mapping[str, Any]:
        biz = {
            "modified_begin": beijing_text(start),
            "modified_end": beijing_text(end),
            "date_type": 0,
            "page_index": number,
            "page_size": self.page_size,
        }
        return self._call(ORDERS, biz)

    def _call(self, path: str, biz: Mapping[str, Any]) -> Mapping[str, Any]:
        """The reply's data. Raises PlatformError."""
        form = {
            **self._common(),
            "access_token": self._authorisation.token(self._renewed),
            "version": "2",
            "biz": json.dumps(biz, ensure_ascii=False, separators=(",", ":")),
        }
        return self._posted(path, form)

    def _renewed(self, refresh_token: str) -> Tokens:
        wanted = {"grant_type": "refresh_token", "refresh_token": refresh_token, "scope": "all"}
        data = self._posted(RENEW, {**self._common(), **wanted})
        token, again = data.get("access_token"), data.get("refresh_token")
        if not isinstance(token, str) or not isinstance(again, str):
            raise transient("no-token")
        seconds = total_of(data.get("expires_in"))
        return Tokens(token, again, self._clock.now() + timedelta(seconds=seconds))

    def _common(self) -> dict[str, str]:
        stamp = str(int(self._clock.now().timestamp()))
        return {"app_key": self._settings.app_key, "timestamp": stamp, "charset": "utf-8"}

    def _posted(self, path: str, form: dict[str, str]) -> Mapping[str, Any]:
        return self._wires.ask(path, {**form, "sign": sign_jushuitan(form, self._settings.app_secret)}, _data)

    def _not_read(self) -> None:
        self.unreadable += 1


def _data(reply: Mapping[str, Any]) -> Mapping[str, Any]:
    if reply.get("code") not in (0, "0"):
        raise error_of(reply) if "code" in reply else transient("no-code")
    data = reply.get("data")
    if not isinstance(data, dict):
        raise transient("no-data", "neither data nor an error")
    return data


def _rows(reply: Mapping[str, Any], key: str) -> list[Row]:
    """The list must be there: a reply without it states nothing."""
    if key not in reply:
        raise transient("no-rows", f"the reply has no {key}")
    found = reply[key] or []
    if not isinstance(found, list):
        raise transient("no-rows", f"{key} is no list")
    return [row for row in found if isinstance(row, dict)]


def _records(reply: Mapping[str, Any]) -> list[Record]:
    return [record_of(row, "o_id") for row in _rows(reply, "orders")]
