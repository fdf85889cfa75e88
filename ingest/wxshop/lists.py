"""WeChat Shop's lists: numbers by window, with a cursor that is read to the end (reference sheet 7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ingest.access_token import Api
from ingest.fields import text
from ingest.http import transient
from ingest.source import PlatformError
from ingest.wxshop.errors import TOO_MANY

LIST: Final = "/channels/ec/order/list/get"
_AFTER_SALES: Final = "/channels/ec/aftersale/getaftersalelist"
_PAGE_SIZE: Final = 100
_SECOND: Final = timedelta(seconds=1)

Question = Callable[[datetime, datetime], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Numbers:
    """`question`: what is asked of a window; `key`: where the reply has the numbers; `longest`: the window allowed."""

    api: Api
    path: str
    key: str
    question: Question
    longest: timedelta

    def read(self, start: datetime, end: datetime) -> Iterator[list[str]]:
        """The numbers of the closed window, page by page. Raises PlatformError."""
        if end - start > self.longest:
            yield from self._halves(start, end)
            return
        try:
            yield from self._pages(start, end)
        except PlatformError as error:
            if error.code != TOO_MANY or end - start <= _SECOND:
                raise
            yield from self._halves(start, end)

    def _halves(self, start: datetime, end: datetime) -> Iterator[list[str]]:
        middle = start + ((end - start) / 2) // _SECOND * _SECOND
        yield from self.read(start, middle)
        yield from self.read(middle, end)

    def _pages(self, start: datetime, end: datetime) -> Iterator[list[str]]:
        """Nothing but the cursor may differ from page to page."""
        asked, cursor, followed = self.question(start, end), "", set[str]()
        while True:
            reply = self.api.call(self.path, asked | ({"next_key": cursor} if cursor else {}))
            numbers, more = reply.get(self.key), reply.get("has_more")
            if not isinstance(numbers, list) or not isinstance(more, bool):
                raise transient("no-page", "neither numbers nor whether there are more")
            yield [text(number) for number in numbers]
            if not more:
                return
            followed.add(cursor)
            cursor = text(reply.get("next_key"))
            if cursor in followed:
                raise transient("cursor-stands", "the cursor does not move")


def orders(api: Api, by: str) -> Numbers:
    """`by`: update_time_range or create_time_range."""

    def question(start: datetime, end: datetime) -> dict[str, Any]:
        return window(by, start, end) | {"page_size": _PAGE_SIZE, "next_key": ""}

    return Numbers(api, LIST, "order_id_list", question, timedelta(days=7))


def after_sales(api: Api) -> Numbers:
    """By their time of change."""

    def question(start: datetime, end: datetime) -> dict[str, Any]:
        return {"begin_update_time": int(start.timestamp()), "end_update_time": int(end.timestamp())}

    return Numbers(api, _AFTER_SALES, "after_sale_order_id_list", question, timedelta(hours=24))


def window(by: str, start: datetime, end: datetime) -> dict[str, Any]:
    return {by: {"start_time": int(start.timestamp()), "end_time": int(end.timestamp())}}
