"""Pinduoduo's two lists of orders, by change and by the deal: the same rows under other names (sheet 5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingest.fields import record_of
from ingest.http import total_of, transient
from ingest.pdd.gateway import Gateway
from ingest.source import Record


@dataclass(slots=True)
class List:
    """Implements ingest.paging.Pages. `by`: the suffix of the window's parameters; `key`: where the rows stand."""

    gateway: Gateway
    method: str
    by: str
    key: str
    more: Mapping[str, str] = field(default_factory=dict)
    page_size: int = 100
    most_rows: int = 5_000

    def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
        reply = self._ask(start, end, number=1, use_has_next="false")
        return total_of(reply.get("total_count")), self._orders(reply)

    def page(self, start: datetime, end: datetime, number: int) -> list[Record]:
        reply = self._ask(start, end, number=number, use_has_next="true")
        if self.key not in reply and reply.get("has_next") is not False:
            raise transient("no-page", "neither rows nor the end of rows")
        return self._orders(reply)

    def _ask(self, start: datetime, end: datetime, *, number: int, use_has_next: str) -> Mapping[str, Any]:
        params = {
            f"start_{self.by}": str(int(start.timestamp())),
            f"end_{self.by}": str(int(end.timestamp())),
            "order_status": "5",
            "refund_status": "5",
            "page": str(number),
            "page_size": str(self.page_size),
            "use_has_next": use_has_next,
            **self.more,
        }
        return self.gateway.call(self.method, params)

    def _orders(self, reply: Mapping[str, Any]) -> list[Record]:
        found = reply.get(self.key) or []
        return [record_of(row, "order_sn") for row in (found if isinstance(found, list) else [found])]
