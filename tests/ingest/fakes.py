"""A marketplace without a wire, for what the engine does with errors, cuts and repeats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar

from ingest.beijing import moment, required_moment
from ingest.snapshot import Effect, LineSnapshot, OrderSnapshot, Unreadable
from ingest.source import Action, Memo, PlatformError, Record, Resolution, Shipment, Whose, Windows


def failure(action: Action, *, seconds: float = 0, text: str = "平台出错") -> PlatformError:
    return PlatformError(Resolution(action, Whose.PLATFORM, text), "42", "no", seconds)


class FakeMarketplace:
    """Holds rows {"id", "modified", "created"?, "paid"?, "note"}; `plan` is asked before each page and may raise. A row
    whose number is in `hidden` never shows in `records`, one in `unlisted` in no list at all."""

    platform = "taobao"
    api = "fake.list"
    windows = Windows(timedelta(minutes=30), timedelta(minutes=5), timedelta(minutes=1))
    needs: ClassVar[tuple[str, ...]] = ()
    told = True

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.asked: list[tuple[datetime, datetime]] = []
        self.details: list[str] = []
        self.clock_errors: list[float] = []
        self.measured = 0
        self.renewable = False
        self.renewed = 0
        self.page_size = 2
        self.plan: Callable[[str], None] = lambda _what: None
        self.shipped: list[Shipment] = []
        self.noted: list[Memo] = []
        self.hidden: set[str] = set()
        self.unlisted: set[str] = set()
        self.states_counts = True
        self.sweep_every: timedelta | None = None
        self.read_alone: list[str] = []
        self.ends_at: datetime | None = None

    def add(self, number: int, modified: datetime, **values: Any) -> None:
        self.rows.append({"id": str(number), "modified": modified.isoformat(), **values})

    def measure_clock(self) -> float:
        self.measured += 1
        self.plan("clock")
        return self.clock_errors.pop(0) if self.clock_errors else 0.0

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        self.asked.append((start, end))
        rows = [row for row in self.rows if row["id"] not in self.hidden | self.unlisted]
        return self._pages([row for row in rows if start <= datetime.fromisoformat(row["modified"]) <= end])

    def created(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        self.asked.append((start, end))
        return self._pages([row for row in self._created(start, end) if row["id"] not in self.unlisted])

    def count_created(self, start: datetime, end: datetime) -> int | None:
        self.plan("count")
        found = len(self._created(start, end))
        self.plan("counted")
        return found if self.states_counts else None

    def order(self, external_id: str) -> Record | None:
        self.plan("order")
        self.read_alone.append(external_id)
        return next((Record(row["id"], row) for row in self.rows if row["id"] == external_id), None)

    def _created(self, start: datetime, end: datetime) -> list[dict[str, Any]]:
        return [row for row in self.rows if start <= datetime.fromisoformat(_created(row)) <= end]

    def _pages(self, inside: list[dict[str, Any]]) -> Iterator[list[Record]]:
        self.plan("list")
        for place in range(0, len(inside), self.page_size):
            yield [Record(row["id"], row) for row in inside[place : place + self.page_size]]
            self.plan("page")

    def parse(self, record: Record) -> OrderSnapshot:
        body = record.body
        if "broken" in body:
            raise Unreadable("缺少金额")
        at = required_moment(body["modified"], "修改时间")
        line = LineSnapshot("1", "QH-CUP-RED", "1", "马克杯", 1, 100, 100)
        return OrderSnapshot(
            record.external_id, Effect(body.get("effect", "admit")), "OPEN",
            required_moment(_created(body), "创建时间"), at, (line,), 100, seller_memo=body.get("memo"),
            paid_at=moment(body.get("paid"), "付款时间"),
        )  # fmt: skip

    def detail(self, record: Record) -> Record:
        self.plan("detail")
        self.details.append(record.external_id)
        return Record(record.external_id, {**record.body, "memo": "细节"})

    def ship(self, shipment: Shipment) -> str:
        self.plan("ship")
        self.shipped.append(shipment)
        return "confirmed"

    def write_memo(self, memo: Memo) -> str:
        self.plan("memo")
        self.noted.append(memo)
        return "confirmed"

    def refresh_session(self) -> bool:
        self.renewed += 1
        return self.renewable

    def authorised_until(self) -> datetime | None:
        return self.ends_at


def _created(row: dict[str, Any]) -> str:
    return str(row.get("created", row["modified"]))
