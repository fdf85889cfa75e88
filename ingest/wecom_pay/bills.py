"""The list of bills by window, with a cursor that is read to the end (WeCom reference sheet 9.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from config import Shop
from ingest.access_token import AccessToken, Api, token_in
from ingest.fields import text
from ingest.gate import gate_of
from ingest.http import Wire, transient
from ingest.means import Means
from ingest.wecom_pay.errors import error_of
from ingest.wecom_pay.limits import PARTY

LIST: Final = "/cgi-bin/externalpay/get_bill_list"
_TOKEN: Final = "/cgi-bin/gettoken"
_PAGE_SIZE: Final = 1000
_LONGEST: Final = timedelta(days=28)  # "a month": the shortest there is
_SECOND: Final = timedelta(seconds=1)


def open_api(shop: Shop, means: Means) -> Api:
    wire = Wire(shop.gateway, gate_of(PARTY, shop, means))

    def fetch(_alive_too: bool) -> tuple[str, int]:
        """The platform gives the same token as long as it lives, whoever asks, and a new one once it does not."""
        asked = {"corpid": shop.app_key, "corpsecret": shop.app_secret}
        with wire.asking(_TOKEN):
            return token_in(wire.get(_TOKEN, asked), error_of)

    name = f"wecom_pay {shop.gateway} {shop.app_key} {shop.app_secret}"
    return Api(wire, AccessToken(means.redis, name, fetch), error_of)


@dataclass(frozen=True, slots=True)
class Bills:
    api: Api

    def read(self, start: datetime, end: datetime) -> Iterator[list[Mapping[str, Any]]]:
        """The bills of the closed window, page by page. Raises PlatformError.

        A page may be shorter than asked for, or empty, without being the last: bills of members whom the application
        may not see are taken out of it.
        """
        if end - start > _LONGEST:
            middle = start + ((end - start) / 2) // _SECOND * _SECOND
            yield from self.read(start, middle)
            yield from self.read(middle, end)
            return
        cursor, followed = "", set[str]()
        while True:
            reply = self.api.call(LIST, window(start, end) | {"cursor": cursor, "limit": _PAGE_SIZE})
            bills = reply.get("bill_list")
            if not isinstance(bills, list):
                raise transient("no-page", "the reply states no bills")
            yield [bill if isinstance(bill, dict) else {"value": bill} for bill in bills]
            followed.add(cursor)
            cursor = text(reply.get("next_cursor"))
            if not cursor:
                return
            if cursor in followed:
                raise transient("cursor-stands", "the cursor does not move")


def window(start: datetime, end: datetime) -> dict[str, Any]:
    return {"begin_time": int(start.timestamp()), "end_time": int(end.timestamp())}
