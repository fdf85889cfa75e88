"""Taobao's two lists of trades, by change and by creation: the same rows, asked for by other names (sheet 3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ingest.beijing import beijing_text
from ingest.fields import record_of
from ingest.http import total_of, transient
from ingest.source import Record
from ingest.taobao.gateway import Gateway

# All that the documentation names: a type that is not asked for is silently absent.
TYPES: Final = (
    "fixed,auction,guarantee_trade,step,cod,b2c_cod,auto_delivery,ec,eticket,nopaid,instant_trade,pre_auth_type,"
    "tmall_i18n,o2o_offlinetrade,independent_simple_trade,independent_shop_trade,shopex_trade,netcn_trade,"
    "external_trade,hotel_trade,fenxiao,game_equipment,super_market_trade,super_market_cod_trade,taohua,waimai"
)
# The oaid comes only to callers who ask for receiver_name, _address, _mobile, _phone and created together.
LIST_FIELDS: Final = (
    "tid,status,type,step_trade_status,step_paid_fee,trade_from,trade_attr,buyer_open_uid,created,pay_time,modified,"
    "consign_time,end_time,send_time,payment,total_fee,post_fee,discount_fee,adjust_fee,received_payment,num,"
    "shipping_type,no_shipping,seller_flag,has_buyer_message,oaid,receiver_name,receiver_mobile,receiver_phone,"
    "receiver_address,receiver_state,receiver_city,receiver_district,receiver_town,receiver_zip,receiver_country,orders"
)


@dataclass(slots=True)
class List:
    """Implements ingest.paging.Pages. `by`: the suffix of the window's parameters."""

    gateway: Gateway
    method: str
    by: str
    page_size: int = 50
    most_rows: int = 5_000

    def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
        reply = self._ask(start, end, number=1, use_has_next="false")
        return total_of(reply.get("total_results")), _trades(reply)

    def page(self, start: datetime, end: datetime, number: int) -> list[Record]:
        reply = self._ask(start, end, number=number, use_has_next="true")
        if "trades" not in reply and reply.get("has_next") is not False:
            raise transient("no-page", "neither rows nor the end of rows")
        return _trades(reply)

    def _ask(self, start: datetime, end: datetime, *, number: int, use_has_next: str) -> Mapping[str, Any]:
        params = {
            "fields": LIST_FIELDS,
            "type": TYPES,
            f"start_{self.by}": beijing_text(start),
            f"end_{self.by}": beijing_text(end),
            "page_no": str(number),
            "page_size": str(self.page_size),
            "use_has_next": use_has_next,
        }
        return self.gateway.call(self.method, params)


def _trades(reply: Mapping[str, Any]) -> list[Record]:
    trades = reply.get("trades")
    found = trades.get("trade") if isinstance(trades, dict) else None
    return [record_of(row, "tid") for row in (found if isinstance(found, list) else [found] if found else [])]
