"""A Taobao trade becomes a snapshot. The only place that knows the trade's field names (reference sheet 3.4, 8, 12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from ingest.beijing import moment, required_moment
from ingest.canonical import read_json
from ingest.couriers import slug_of
from ingest.fields import flag, joined, keys_of, receiver, rows, text
from ingest.kinds import by_words
from ingest.money import fen, fen_or_zero, pieces
from ingest.snapshot import Effect, Kind, LineSnapshot, OrderSnapshot, Unreadable
from ingest.source import Record

Row = Mapping[str, Any]

EFFECTS: Final = {
    "TRADE_NO_CREATE_PAY": Effect.UNPAID,
    "WAIT_BUYER_PAY": Effect.UNPAID,
    "PAY_PENDING": Effect.UNPAID,
    "WAIT_PRE_AUTH_CONFIRM": Effect.UNPAID,
    "PAID_FORBID_CONSIGN": Effect.ADMIT,
    "WAIT_SELLER_SEND_GOODS": Effect.ADMIT,
    "SELLER_CONSIGNED_PART": Effect.ADMIT,
    "WAIT_BUYER_CONFIRM_GOODS": Effect.SHIPPED,
    "TRADE_BUYER_SIGNED": Effect.SHIPPED,
    "TRADE_FINISHED": Effect.SHIPPED,
    "TRADE_CLOSED": Effect.CANCELLED,
    "TRADE_CLOSED_BY_TAOBAO": Effect.CANCELLED,
}

STATES: Final = {
    "TRADE_NO_CREATE_PAY": "未创建支付",
    "WAIT_BUYER_PAY": "等待买家付款",
    "PAY_PENDING": "付款确认中",
    "WAIT_PRE_AUTH_CONFIRM": "等待预授权",
    "PAID_FORBID_CONSIGN": "已付款，暂不能发货",
    "WAIT_SELLER_SEND_GOODS": "等待卖家发货",
    "SELLER_CONSIGNED_PART": "部分发货",
    "WAIT_BUYER_CONFIRM_GOODS": "等待买家收货",
    "TRADE_BUYER_SIGNED": "买家已签收",
    "TRADE_FINISHED": "交易成功",
    "TRADE_CLOSED": "交易关闭",
    "TRADE_CLOSED_BY_TAOBAO": "交易被关闭",
}
"""The same states as people say them."""

REFUNDS: Final = {
    "WAIT_SELLER_AGREE": "asked",
    "WAIT_BUYER_RETURN_GOODS": "asked",
    "WAIT_SELLER_CONFIRM_GOODS": "asked",
    "SELLER_REFUSE_BUYER": "refused",
    "SUCCESS": "refunded",
}

_HOLDS: Final = {
    "top_hold": "平台暂停发货",
    "team_buy_hold": "拼团未成，暂不发货",
    "share_group_hold": "分享团未成，暂不发货",
    "forbid_consign": "平台禁止发货",
}
_COD_TYPES: Final = frozenset({"cod", "b2c_cod", "super_market_cod_trade"})
_VIRTUAL_TYPES: Final = frozenset({"auto_delivery", "ec", "eticket"})


def parse(record: Record) -> OrderSnapshot:
    """Raises Unreadable."""
    row = record.body
    lines = _lines(row)
    status = text(row.get("status"))
    effect = _effect(row, status)
    kind, evidence = _kind(row, lines)
    refund = refund_of([line.refund for line in lines])
    paid, goods, post = (
        fen(row.get("payment"), "实付金额"),
        fen_or_zero(row.get("total_fee"), "商品金额"),
        fen_or_zero(row.get("post_fee"), "运费"),
    )
    sendable_from = moment(row.get("send_time"), "预售发货时间")
    parcels = _lines_of(row)
    oaid = text(row.get("oaid"))
    return OrderSnapshot(
        external_id=record.external_id,
        effect=effect,
        platform_status=STATES[status],
        created_at=required_moment(row.get("created"), "创建时间"),
        modified_at=required_moment(row.get("modified"), "修改时间"),
        lines=lines,
        paid_fen=paid,
        goods_fen=goods,
        post_fen=post,
        discount_fen=max(0, goods + post - paid) if goods else 0,
        paid_at=moment(row.get("pay_time"), "付款时间"),
        ship_by_at=_ship_by(parcels, lines, sendable_from) if effect is Effect.ADMIT else None,
        not_before_at=sendable_from,
        shipped_at=moment(row.get("consign_time"), "发货时间"),
        kind=kind,
        kind_evidence=evidence,
        hold=_hold(row, status, lines) if effect is Effect.ADMIT else "",
        refund=refund,
        buyer_key=text(row.get("buyer_open_uid")),
        buyer_message=_buyer_message(row),
        seller_memo=_memo(row),
        seller_flag=flag(row.get("seller_flag")),
        province=text(row.get("receiver_state")),
        city=text(row.get("receiver_city")),
        district=text(row.get("receiver_district")),
        town=text(row.get("receiver_town")),
        receiver=receiver(
            name=text(row.get("receiver_name")),
            phone=text(row.get("receiver_mobile")) or text(row.get("receiver_phone")),
            address=text(row.get("receiver_address")),
            cipher={"oaid": oaid} if oaid else None,
        ),
        receiver_key=oaid,
        waybill=joined(text(line.get("invoice_no")) for line in parcels),
        courier=slug_of(next((name for line in parcels if (name := text(line.get("logistics_company")))), "")),
    )


def refund_of(of_lines: Sequence[str]) -> str:
    """The order's overlay from its lines': an open question first, then how much is refunded."""
    if "asked" in of_lines or "refused" in of_lines:
        return "asked"
    if "refunded" not in of_lines:
        return ""
    return "refunded" if set(of_lines) == {"refunded"} else "part"


def shipped_line(line: Row) -> bool:
    return EFFECTS.get(text(line.get("status"))) is Effect.SHIPPED or bool(line.get("consign_time"))


def _lines_of(row: Row) -> list[Row]:
    """The trade's lines: `orders.order`, a list, or a single object."""
    orders = row.get("orders")
    return rows(orders.get("order") if isinstance(orders, dict) else orders, "商品明细")


def _lines(row: Row) -> tuple[LineSnapshot, ...]:
    found = _lines_of(row)
    if not found:
        raise Unreadable("缺少商品明细")
    skus = [text(line.get("sku_id")) or text(line.get("num_iid")) for line in found]
    keys = keys_of([(text(line.get("oid")), sku) for line, sku in zip(found, skus, strict=True)])
    post = fen_or_zero(row.get("post_fee"), "运费") if len(found) == 1 else 0
    return tuple(_line(line, key, sku, post) for line, key, sku in zip(found, keys, skus, strict=True))


def _line(line: Row, key: str, sku: str, post_fen: int) -> LineSnapshot:
    return LineSnapshot(
        line_key=key,
        sku=text(line.get("outer_sku_id")) or text(line.get("outer_iid")),
        platform_sku=sku,
        title=text(line.get("title")),
        quantity=pieces(line.get("num"), "商品数量"),
        price_fen=fen(line.get("price"), "商品单价"),
        paid_fen=_line_paid(line, post_fen),
        spec=text(line.get("sku_properties_name")),
        refund=REFUNDS.get(text(line.get("refund_status")), ""),
        shipped=shipped_line(line),
    )


def _line_paid(line: Row, post_fen: int) -> int:
    """The allocated sum. Without it, `payment`, which contains the postage in a trade of one line only."""
    if line.get("divide_order_fee"):
        return fen(line.get("divide_order_fee"), "商品分摊金额")
    return max(0, fen_or_zero(line.get("payment"), "商品实付") - post_fen)


def _effect(row: Row, status: str) -> Effect:
    effect = EFFECTS.get(status)
    if effect is None:
        raise Unreadable(f"平台状态不认识：{status[:40] or '空'}")
    if effect is Effect.ADMIT and _step_open(row):
        return Effect.UNPAID
    # Closed after it had left: the refund is an overlay, what was shipped stays shipped.
    if status == "TRADE_CLOSED" and row.get("consign_time"):
        return Effect.SHIPPED
    return effect


def _step_open(row: Row) -> bool:
    return row.get("type") == "step" and row.get("step_trade_status") != "FRONT_PAID_FINAL_PAID"


def _kind(row: Row, lines: Sequence[LineSnapshot]) -> tuple[Kind, str]:
    trade_type = text(row.get("type"))
    unshipped = row.get("no_shipping") in (True, "true") or row.get("shipping_type") == "virtual"
    if trade_type in _VIRTUAL_TYPES or unshipped:
        return Kind.VIRTUAL, "平台标为无需物流的订单"
    if trade_type == "step":
        return Kind.PRESALE, "平台订单类型为定金预售"
    if row.get("send_time"):
        return Kind.PRESALE, f"平台给出预售发货时间 {text(row['send_time'])[:10]}"
    if trade_type in _COD_TYPES:
        return Kind.COD, "平台订单类型为货到付款"
    if trade_type == "o2o_offlinetrade":
        return Kind.PICKUP, "平台订单类型为线下门店交易"
    if trade_type == "tmall_i18n":
        return Kind.OVERSEAS, "平台订单类型为天猫国际"
    found = by_words(_memo(row))
    if found[0] is Kind.NORMAL and trade_type == "fenxiao":
        return Kind.DISTRIBUTION, "平台订单类型为分销"
    return found


def _hold(row: Row, status: str, lines: Sequence[LineSnapshot]) -> str:
    for mark in _marks(row):
        if mark in _HOLDS:
            return _HOLDS[mark]
    if status == "PAID_FORBID_CONSIGN":
        return "平台禁止发货"
    return "有商品退款中" if any(line.refund == "asked" for line in lines) else ""


def _marks(row: Row) -> list[str]:
    """Hold marks stand among the fields or in the JSON text `trade_attr`."""
    marks = [name for name in _HOLDS if row.get(name) not in (None, "", 0, "0", False, "false")]
    attributes = row.get("trade_attr")
    if isinstance(attributes, str) and attributes:
        try:
            attributes = read_json(attributes.encode())
        except ValueError:
            attributes = None
    if isinstance(attributes, dict):
        marks += [name for name, value in attributes.items() if value not in (None, "", 0, "0", False, "false")]
    return marks


def _memo(row: Row) -> str | None:
    """A list never tells it; None while it is unknown."""
    memo = row.get("seller_memo")
    return None if memo is None else text(memo)


def _buyer_message(row: Row) -> str | None:
    """A list says only whether there is one; None while its text is unknown."""
    if "buyer_message" in row:
        return text(row["buyer_message"])
    return None if row.get("has_buyer_message") else ""


def _ship_by(parcels: Sequence[Row], lines: Sequence[LineSnapshot], otherwise: datetime | None) -> datetime | None:
    """The earliest promise among the lines still to ship."""
    promised = [
        at
        for parcel, line in zip(parcels, lines, strict=True)
        if not line.shipped and line.refund != "refunded" and (at := _promise(text(parcel.get("estimate_con_time"))))
    ]
    return min(promised) if promised else otherwise


def _promise(words: str) -> datetime | None:
    """A date or time; None for anything else in words ("48小时内"). A mere date lasts until its end."""
    try:
        at = moment(words, "承诺发货时间")
    except Unreadable:
        return None
    if at is not None and len(words.strip()) <= 10:
        return at + timedelta(days=1, seconds=-1)
    return at
