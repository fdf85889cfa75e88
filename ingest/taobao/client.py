"""One Taobao shop, over the platform's classic gateway. The only place that knows its protocol (reference sheet 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from config import Shop
from ingest.beijing import beijing_text
from ingest.fields import record_of, rows, text
from ingest.http import Wire, total_of, transient
from ingest.means import Means
from ingest.paging import read_window
from ingest.platform_clock import PlatformClock
from ingest.shipping import Standing, company_code, tell
from ingest.snapshot import Effect, OrderSnapshot, Unreadable
from ingest.source import Record, Shipment, Windows
from ingest.taobao.couriers import CODES
from ingest.taobao.errors import error_of
from ingest.taobao.parse import EFFECTS, parse, refund_of, shipped_line
from ingest.taobao.parse import REFUNDS as REFUND_WORDS
from ingest.taobao.signing import sign

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
DETAIL_FIELDS: Final = f"{LIST_FIELDS},seller_memo,buyer_message,modify_address,ti_modify_address_time"
_OPEN: Final = frozenset(status for status, effect in EFFECTS.items() if effect in (Effect.ADMIT, Effect.UNPAID))


class Taobao:
    """Implements ingest.source.Marketplace."""

    platform = "taobao"
    api = "taobao.trades.sold.increment.get"
    windows = Windows(span=timedelta(minutes=30), overlap=timedelta(minutes=5), lag=timedelta(minutes=1))
    needs = ("gateway", "app_key", "app_secret", "token")
    sweep_every = None
    told = True
    page_size = 50
    most_rows = 5_000

    def __init__(self, shop: Shop, means: Means) -> None:
        self._shop = shop
        self._wire = Wire(shop.gateway)
        self._clock = PlatformClock(means.now)

    def measure_clock(self) -> float:
        return self._clock.measure(lambda: self._call("taobao.time.get", {}, session=False).get("time"), self._wire)

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        return read_window(self, start, end)

    def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
        reply = self._list(start, end, number=1, use_has_next="false")
        return total_of(reply.get("total_results")), _trades(reply)

    def page(self, start: datetime, end: datetime, number: int) -> list[Record]:
        reply = self._list(start, end, number=number, use_has_next="true")
        if "trades" not in reply and reply.get("has_next") is not False:
            raise transient("no-page", "neither rows nor the end of rows")
        return _trades(reply)

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
        code = company_code(CODES, shipment.courier, "淘宝")
        rest: list[str] = []  # the lines to name when others of the order have left before

        def look() -> Standing:
            trade = self._trade(shipment.external_id, "tid,status,type,step_trade_status,orders")
            rest[:] = _unshipped(trade)
            return _standing(trade)

        def send() -> None:
            params = {"tid": shipment.external_id, "out_sid": shipment.waybill, "company_code": code}
            split = {"is_split": "1", "sub_tid": ",".join(rest)} if rest else {}
            self._call("taobao.logistics.offline.send", params | split)

        return tell(shipment, look, send)

    def refresh_session(self) -> bool:
        """Merchants' own applications have a session of fixed length: only the shop's owner can renew it."""
        return False

    def _list(self, start: datetime, end: datetime, *, number: int, use_has_next: str) -> Mapping[str, Any]:
        params = {
            "fields": LIST_FIELDS,
            "type": TYPES,
            "start_modified": beijing_text(start),
            "end_modified": beijing_text(end),
            "page_no": str(number),
            "page_size": str(self.page_size),
            "use_has_next": use_has_next,
        }
        return self._call(self.api, params)

    def _trade(self, number: str, fields: str) -> Mapping[str, Any]:
        trade = self._call("taobao.trade.fullinfo.get", {"tid": number, "fields": fields}).get("trade")
        if not isinstance(trade, dict):
            raise transient("no-trade")
        return trade

    def _call(self, method: str, params: Mapping[str, str], *, session: bool = True) -> Mapping[str, Any]:
        """What stands under the reply's root. Raises PlatformError."""
        form = {
            "method": method,
            "app_key": self._shop.app_key,
            "timestamp": beijing_text(self._clock.now()),
            "format": "json",
            "v": "2.0",
            "sign_method": "hmac-sha256",
            **params,
        }
        if session:
            form["session"] = self._shop.token
        form["sign"] = sign(form, self._shop.app_secret)
        document = self._wire.post(form)
        if isinstance(error := document.get("error_response"), dict):
            raise error_of(error)
        root = document.get(method.removeprefix("taobao.").replace(".", "_") + "_response")
        if not isinstance(root, dict):
            raise transient("no-root", "neither the reply's root nor an error")
        return root


def _trades(reply: Mapping[str, Any]) -> list[Record]:
    trades = reply.get("trades")
    found = trades.get("trade") if isinstance(trades, dict) else None
    return [record_of(row, "tid") for row in (found if isinstance(found, list) else [found] if found else [])]


def _standing(trade: Mapping[str, Any]) -> Standing:
    status, lines = text(trade.get("status")), _lines(trade)
    effect = EFFECTS.get(status)
    waybills = tuple(number for line in lines if (number := text(line.get("invoice_no"))))
    if effect is Effect.SHIPPED:
        return Standing(shipped=True, waybills=waybills)
    if effect is Effect.CANCELLED:
        return Standing(shipped=False, refusal="淘宝订单已关闭，不能发货")
    if status == "PAID_FORBID_CONSIGN":
        return Standing(shipped=False, refusal="淘宝暂不允许这个订单发货")
    if effect is not Effect.ADMIT:
        return Standing(shipped=False, refusal="淘宝订单还没有付清，不能发货")
    refunds = [REFUND_WORDS.get(text(line.get("refund_status")), "") for line in lines]
    if refund_of([refund for refund in refunds if refund != "refused"]) == "asked":
        return Standing(shipped=False, refusal="淘宝订单有商品退款中，请先处理退款")
    return Standing(shipped=False)


def _unshipped(trade: Mapping[str, Any]) -> list[str]:
    """Line ids still to ship of a trade of which a part has left; empty for one that is whole."""
    lines = _lines(trade)
    if not any(shipped_line(line) for line in lines):
        return []
    return [
        text(line.get("oid"))
        for line in lines
        if not shipped_line(line) and REFUND_WORDS.get(text(line.get("refund_status"))) != "refunded"
    ]


def _lines(trade: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    orders = trade.get("orders")
    try:
        return rows(orders.get("order") if isinstance(orders, dict) else None, "商品明细")
    except Unreadable:
        raise transient("no-lines") from None
