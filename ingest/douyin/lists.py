"""Douyin's lists: of orders by change or by creation, and of after-sales by change (reference sheet 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ingest.douyin.errors import NO_AFTER_SALES, NO_PERMISSION
from ingest.douyin.gateway import Gateway
from ingest.fields import record_of, text
from ingest.http import total_of
from ingest.source import PlatformError, Record

SEARCH: Final = "order.searchList"
AFTER_SALES: Final = "afterSale.List"
_REACH: Final = timedelta(days=90) - timedelta(minutes=1)


@dataclass(slots=True)
class Orders:
    """Implements ingest.paging.Pages. `by`: "update_time" or "create_time". The platform counts pages from 0; the page
    behind the last one, which is asked for too, must stay within its 10 000 rows."""

    gateway: Gateway
    by: str
    page_size: int = 100
    most_rows: int = 9_900

    def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
        told = self.gateway.call(SEARCH, self.asked(start, end, 1))
        return total_of(told.get("total")), _orders(told)

    def page(self, start: datetime, end: datetime, number: int) -> list[Record]:
        told = self.gateway.call(SEARCH, self.asked(start, end, number))
        total_of(told.get("total"))  # a page without it states nothing
        return _orders(told)

    def asked(self, start: datetime, end: datetime, number: int) -> dict[str, Any]:
        """The two ends must differ, and the platform refuses a start that lies too far back: then the window begins
        where the platform's memory does. One that lies wholly before it is refused, for nobody could read it."""
        oldest = self.gateway.now() - _REACH
        begin = int((oldest if start < oldest < end else start).timestamp())
        return {
            f"{self.by}_start": begin,
            f"{self.by}_end": max(int(end.timestamp()), begin + 1),
            "order_by": self.by,
            "order_asc": True,
            "page": number - 1,
            "size": self.page_size,
        }


@dataclass(slots=True)
class AfterSales:
    """Implements ingest.paging.Pages; its records are after-sales, not orders."""

    gateway: Gateway
    page_size: int = 100
    most_rows: int = 49_900

    def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
        told = self._ask(start, end, 1)
        return total_of(told.get("total")), _after_sales(told)

    def page(self, start: datetime, end: datetime, number: int) -> list[Record]:
        told = self._ask(start, end, number)
        total_of(told.get("total"))
        return _after_sales(told)

    def _ask(self, start: datetime, end: datetime, number: int) -> Mapping[str, Any]:
        asked = {
            "update_start_time": int(start.timestamp()),
            "update_end_time": int(end.timestamp()),
            "order_by": ["update_time asc"],
            "page": number - 1,
            "size": self.page_size,
        }
        try:
            return self.gateway.call(AFTER_SALES, asked)
        except PlatformError as error:
            if error.resolution is not NO_PERMISSION:
                raise
            raise PlatformError(NO_AFTER_SALES, error.code, error.message) from error


def just_now(gateway: Gateway) -> dict[str, Any]:
    """The smallest question, for those who want but to hear the platform."""
    now = gateway.now()
    return Orders(gateway, "update_time", page_size=1).asked(now - timedelta(seconds=1), now, 1)


def order_number(after_sale: Record) -> str:
    """The order that an after-sale belongs to; "" where it does not say."""
    order = after_sale.body.get("order_info")
    return text(order.get("shop_order_id")) if isinstance(order, dict) else ""


def _orders(told: Mapping[str, Any]) -> list[Record]:
    return [record_of(row, "order_id") for row in _rows(told, "shop_order_list")]


def _after_sales(told: Mapping[str, Any]) -> list[Record]:
    return [record_of({**_part(row, "aftersale_info"), **_whole(row)}, "aftersale_id") for row in _rows(told, "items")]


def _rows(told: Mapping[str, Any], key: str) -> list[Any]:
    found = told.get(key) or []
    return found if isinstance(found, list) else [found]


def _part(row: Any, key: str) -> dict[str, Any]:
    part = row.get(key) if isinstance(row, dict) else None
    return part if isinstance(part, dict) else {}


def _whole(row: Any) -> dict[str, Any]:
    return row if isinstance(row, dict) else {}
