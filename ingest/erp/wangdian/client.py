"""One 旺店通 account. The only place that knows its protocol (reference sheet 14.2).

Window lengths and page caps differ between its editions and are not all published, so the smallest known ones stand
here. Orders of Taobao and Pinduoduo are not told by these addresses: those platforms want them asked for elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from config import Erp as ErpSettings
from ingest.beijing import beijing_text, end_of_day
from ingest.budget import MINUTE, Limit
from ingest.erp.reading import Row, readable
from ingest.erp.signing import sign_wangdian
from ingest.erp.source import ErpShipment, StockPage
from ingest.erp.wangdian.errors import error_of
from ingest.erp.wangdian.parse import is_sound, level, shipment
from ingest.erp.wires import Wires
from ingest.fields import record_of
from ingest.gate import Gate, Party
from ingest.http import total_of, transient
from ingest.means import Means
from ingest.paging import read_window
from ingest.platform_clock import PlatformClock
from ingest.source import Record, Windows
from ingest.window import next_window

STOCK: Final = "/stock_query.php"
STOCKOUTS: Final = "/stockout_order_query_trade.php"
_REACH: Final = timedelta(days=3 * 365)  # what nobody has moved for longer is not in the shop any more
_PARTY: Final = Party("wangdian", "旺店通接口")
_LIMITS: Final = (Limit(60, MINUTE),)  # our own choice: none is published
_STOCK_WINDOWS: Final = Windows(span=timedelta(days=30), overlap=timedelta(minutes=5), lag=timedelta(minutes=1))


class Wangdian:
    """Implements ingest.erp.source.Erp."""

    kind = "wangdian"
    # The overlap is longer than a platform's pull takes: what was shipped before the hub knew the order is told again.
    windows = Windows(span=timedelta(hours=1), overlap=timedelta(minutes=30), lag=timedelta(minutes=1))
    needs: ClassVar[tuple[str, ...]] = ("sid",)

    def __init__(self, settings: ErpSettings, means: Means) -> None:
        self._settings = settings
        self._clock = PlatformClock(means.now)
        gate = Gate(_PARTY, means.redis, means.now, app=settings.app_key, limits=_LIMITS)
        self._wires = Wires(settings.gateway, gate, self._clock)
        self.unreadable = 0

    def measure_clock(self) -> float:
        return self._wires.measure_clock()

    def stock(self, since: str) -> Iterator[StockPage]:
        """Window by window, oldest first; the mark is the end of the last whole window."""
        now = self._clock.now()
        mark = datetime.fromisoformat(since) if since else now - _REACH
        while window := next_window(mark, now - _STOCK_WINDOWS.lag, _STOCK_WINDOWS):
            for page in read_window(_Pages(self, STOCK, "stocks", "rec_id", {}), window.start, window.end):
                rows = [record.body for record in page if is_sound(record.body)]
                yield StockPage(tuple(readable(rows, level, self._not_read)), mark.isoformat())
            mark = window.end
            yield StockPage((), mark.isoformat())

    def shipments(self, start: datetime, end: datetime) -> Iterator[list[ErpShipment]]:
        pages = _Pages(self, STOCKOUTS, "stockout_list", "stockout_id", {"status_type": "2"})
        for page in read_window(pages, start, end):
            yield readable([record.body for record in page], shipment, self._not_read)

    def refresh_session(self) -> bool:
        """It knows no sessions: the secret alone authorises."""
        return False

    def authorised_until(self) -> datetime | None:
        return end_of_day(self._settings.authorised_until) if self._settings.authorised_until else None

    def call(self, path: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        """The whole reply. Raises PlatformError."""
        form = {
            "sid": self._settings.sid,
            "appkey": self._settings.app_key,
            "timestamp": str(int(self._clock.now().timestamp())),
            **params,
        }
        return self._wires.ask(path, {**form, "sign": sign_wangdian(form, self._settings.app_secret)}, _sound)

    def _not_read(self) -> None:
        self.unreadable += 1


def _sound(reply: Mapping[str, Any]) -> Mapping[str, Any]:
    if "code" not in reply:
        raise transient("no-code")
    if reply["code"] not in (0, "0"):
        raise error_of(reply)
    return reply


@dataclass(slots=True)
class _Pages:
    """One of its lists; pages are numbered from 0, and the first alone states the total."""

    erp: Wangdian
    path: str
    key: str
    id_key: str
    more: Mapping[str, str]
    page_size: int = 100
    most_rows: int = 5_000

    def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
        reply = self._ask(start, end, 1)
        return total_of(reply.get("total_count")), self._records(reply)

    def page(self, start: datetime, end: datetime, number: int) -> list[Record]:
        return self._records(self._ask(start, end, number))

    def _ask(self, start: datetime, end: datetime, number: int) -> Mapping[str, Any]:
        asked = {
            "start_time": beijing_text(start),
            "end_time": beijing_text(end),
            "page_no": str(number - 1),
            "page_size": str(self.page_size),
            **self.more,
        }
        return self.erp.call(self.path, asked)

    def _records(self, reply: Mapping[str, Any]) -> list[Record]:
        if self.key not in reply:
            raise transient("no-rows", f"the reply has no {self.key}")
        found: list[Row] = [row for row in reply[self.key] or [] if isinstance(row, dict)]
        return [record_of(row, self.id_key) for row in found]
