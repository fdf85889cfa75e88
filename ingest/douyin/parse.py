"""A Douyin order becomes a snapshot. The only place that knows its field names (reference sheet 6, 8, 12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ingest.beijing import moment, required_moment
from ingest.douyin.aftersale import kind_of, overlay, refund_of
from ingest.douyin.couriers import courier_of
from ingest.fields import joined, keys_of, rows, text
from ingest.kinds import by_words
from ingest.money import pieces, shares, whole_fen, whole_fen_or_zero
from ingest.snapshot import Effect, Kind, LineSnapshot, OrderSnapshot, Unreadable
from ingest.source import Record
from models.vault import Receiver

Row = Mapping[str, Any]

EFFECTS: Final = {
    1: Effect.UNPAID,
    105: Effect.ADMIT,
    2: Effect.ADMIT,
    101: Effect.ADMIT,
    3: Effect.SHIPPED,
    4: Effect.CANCELLED,
    5: Effect.SHIPPED,
}
STATES: Final = {1: "待付款", 105: "已支付", 2: "待发货", 101: "部分发货", 3: "已发货", 4: "已取消", 5: "已完成"}
PAID: Final = 105
"""Paid, but in a group that fills or under review; it may be shipped from 2 on."""

_PART_PAID: Final = 103  # main_status
_REFUNDED: Final = frozenset({21, 22, 39})  # main_status: closed by a refund before shipping, after it, after receipt
# The flags as the seller sees them: red, orange, green, cyan, purple; ours are red, yellow, green, blue, purple.
FLAGS: Final = {"5": 1, "4": 2, "3": 3, "2": 4, "1": 5}
STARS: Final = {0: "0"} | {flag: star for star, flag in FLAGS.items()}
_DEPOSIT, _LOTTERY, _DEPOSIT_GIFT = "2", "11", "102"  # trade_type
_FULL_PRESALE, _STEPWISE = "1", "2"  # pre_sale_type
_VIRTUAL: Final = frozenset({"2", "4", "5"})  # order_type


def parse(record: Record) -> OrderSnapshot:
    """Raises Unreadable. Memo, star and address may have changed although `update_time` has not."""
    row = record.body
    status, effect = order_status(row), effect_of(row)
    lines = _lines(row)
    paid, post = whole_fen(row.get("pay_amount"), "实付金额"), whole_fen_or_zero(row.get("post_amount"), "运费")
    goods = sum(line.price_fen * line.quantity for line in lines)
    kind, evidence = _kind(row, effect)
    place = _part(row, "post_addr")
    parcels = rows(row.get("logistics_info"), "物流信息")
    return OrderSnapshot(
        external_id=record.external_id,
        effect=effect,
        platform_status=_status_words(row, status),
        created_at=required_moment(row.get("create_time"), "创建时间"),
        modified_at=required_moment(row.get("update_time"), "修改时间"),
        lines=lines,
        paid_fen=paid,
        goods_fen=goods,
        post_fen=post,
        discount_fen=_discount(row, goods + post - paid),
        paid_at=moment(row.get("pay_time"), "付款时间"),
        ship_by_at=_ship_by(row, lines) if effect is Effect.ADMIT else None,
        not_before_at=_not_before(row),
        shipped_at=moment(row.get("ship_time"), "发货时间"),
        kind=kind,
        kind_evidence=evidence,
        hold=_hold(status, lines) if effect is Effect.ADMIT else "",
        refund=overlay([line.refund for line in lines]),
        buyer_key=text(row.get("doudian_open_id")),
        buyer_message=_words(row, "buyer_words"),
        seller_memo=_words(row, "seller_words"),
        seller_flag=flag_of(row),
        province=_name(place, "province"),
        city=_name(place, "city"),
        district=_name(place, "town"),  # what Douyin calls town is the district
        town=_name(place, "street"),
        receiver=_receiver(row, place),
        receiver_key=text(row.get("open_address_id")),
        waybill=joined(text(parcel.get("tracking_no")) for parcel in parcels),
        courier=_courier(parcels),
    )


def order_status(row: Row) -> int:
    """Raises Unreadable."""
    status = _number(row, "order_status")
    if status not in EFFECTS:
        raise Unreadable(f"平台状态不认识：{text(row.get('order_status'))[:40] or '空'}")
    return status


def effect_of(row: Row) -> Effect:
    """Raises Unreadable."""
    effect, main = EFFECTS[order_status(row)], _number(row, "main_status")
    if main == _PART_PAID:
        return Effect.UNPAID
    if effect is Effect.SHIPPED or (effect is not Effect.CANCELLED and main not in _REFUNDED):
        return effect
    # Closed after it had left: the refund is an overlay, what was shipped stays shipped.
    return Effect.SHIPPED if moment(row.get("ship_time"), "发货时间") else Effect.CANCELLED


def is_shipped(line: Row) -> bool:
    return _number(line, "order_status") in (3, 5) or text(line.get("ship_time")) not in ("", "0")


def lines_of(row: Row) -> list[Row]:
    """Raises Unreadable."""
    return rows(row.get("sku_order_list"), "商品明细")


def flag_of(row: Row) -> int:
    return FLAGS.get(text(row.get("seller_remark_stars")), 0)


def _status_words(row: Row, status: int) -> str:
    main = _number(row, "main_status")
    if main == _PART_PAID:
        return "待付尾款"
    return joined([STATES[status], "退款关闭" if main in _REFUNDED else ""])


def _lines(row: Row) -> tuple[LineSnapshot, ...]:
    found = lines_of(row)
    if not found:
        raise Unreadable("缺少商品明细")
    skus = [_told(line, "sku_id") or _told(line, "product_id") for line in found]
    keys = keys_of([(_told(line, "order_id"), sku) for line, sku in zip(found, skus, strict=True)])
    paid = _paid(row, found)
    return tuple(_line(line, key=keys[place], sku=skus[place], paid=paid[place]) for place, line in enumerate(found))


def _line(line: Row, *, key: str, sku: str, paid: int) -> LineSnapshot:
    return LineSnapshot(
        line_key=key,
        sku=_told(line, "code") or _told(line, "out_sku_id"),
        platform_sku=sku,
        title=text(line.get("product_name")),
        quantity=pieces(line.get("item_num"), "商品数量"),
        price_fen=_price(line),
        paid_fen=paid,
        spec=_spec(line),
        refund=refund_of(line),
        shipped=is_shipped(line),
    )


def _price(line: Row) -> int:
    """Of one piece."""
    if line.get("origin_amount") not in (None, ""):
        return whole_fen(line.get("origin_amount"), "商品单价")
    return whole_fen(line.get("sum_amount"), "商品金额") // pieces(line.get("item_num"), "商品数量")


def _paid(row: Row, found: Sequence[Row]) -> list[int]:
    """What was paid for each line's goods; divided by what they cost where the platform does not tell it."""
    if all(line.get("pay_amount") not in (None, "") for line in found):
        told = [(line.get("pay_amount"), line.get("post_amount")) for line in found]
        return [max(0, whole_fen(paid, "商品实付") - whole_fen_or_zero(post, "商品运费")) for paid, post in told]
    whole = whole_fen(row.get("pay_amount"), "实付金额") - whole_fen_or_zero(row.get("post_amount"), "运费")
    return shares(max(0, whole), [_price(line) * pieces(line.get("item_num"), "商品数量") for line in found])


def _discount(row: Row, difference: int) -> int:
    if row.get("promotion_amount") not in (None, ""):
        return whole_fen(row.get("promotion_amount"), "优惠金额")
    return max(0, difference)


def _spec(line: Row) -> str:
    parts = rows(line.get("spec"), "商品规格")
    return joined(text(part.get("value")) for part in parts)


def _ship_by(row: Row, lines: Sequence[LineSnapshot]) -> datetime | None:
    """The earliest promise among the lines still to ship, else the order's; 0 is none."""
    promised = [
        at
        for line, shown in zip(lines_of(row), lines, strict=True)
        if not shown.shipped
        and shown.refund != "refunded"
        and (at := moment(line.get("exp_ship_time"), "承诺发货时间"))
    ]
    return min(promised) if promised else moment(row.get("exp_ship_time"), "承诺发货时间")


def _not_before(row: Row) -> datetime | None:
    """What the buyer or the platform set as the earliest day. A presale's `exp_ship_time` is its latest: an order that
    waited for it would leave too late."""
    return moment(row.get("appointment_ship_time"), "预约发货时间") or moment(
        row.get("recommend_start_ship_time"), "建议最早发货时间"
    )


def _hold(status: int, lines: Sequence[LineSnapshot]) -> str:
    if status == PAID:
        return "平台还没转为待发货（拼团或审核中），暂不能发货"
    return "有商品退款中" if any(line.refund == "asked" for line in lines) else ""


def _kind(row: Row, effect: Effect) -> tuple[Kind, str]:
    """Kind and evidence; the best evidence first."""
    found = lines_of(row)
    kind, evidence = kind_of(found)
    if kind is not Kind.NORMAL:
        return kind, evidence
    trades = {text(line.get("trade_type")) for line in found}
    presale = {text(line.get("pre_sale_type")) for line in found}
    if text(row.get("order_type")) in _VIRTUAL:
        return Kind.VIRTUAL, "平台标为虚拟或券码订单"
    if _LOTTERY in trades:
        return Kind.LOTTERY, "平台交易类型为抽奖"
    if _DEPOSIT in trades:
        return Kind.PRESALE, "平台交易类型为定金预售"
    if presale & {_FULL_PRESALE, _STEPWISE}:
        return Kind.PRESALE, f"平台标为{'全款预售' if _FULL_PRESALE in presale else '阶梯发货'}"
    return _lesser_kind(row, found, effect)


def _lesser_kind(row: Row, found: Sequence[Row], effect: Effect) -> tuple[Kind, str]:
    if found and all(text(line.get("receive_type")) == "2" for line in found):
        return Kind.PICKUP, "平台标为自提"
    if _DEPOSIT_GIFT in {text(line.get("trade_type")) for line in found}:
        return Kind.GIFT, "平台交易类型为定金预售的赠品单"
    if found and all(line.get("given_product_type") == "FREE" for line in found):
        return Kind.GIFT, "平台标为赠品"
    # An order that nobody has paid yet carries 0 too.
    if text(row.get("pay_type")) == "0" and effect is not Effect.UNPAID and not row.get("pay_time"):
        return Kind.COD, "平台支付类型为货到付款"
    return by_words(text(row.get("seller_words")))


def _receiver(row: Row, place: Row) -> Receiver:
    """Ciphertext as it came beside the masks; without it nothing, so that what was kept stays."""
    told = {
        "post_receiver": row.get("encrypt_post_receiver"),
        "post_tel": row.get("encrypt_post_tel"),
        "detail": place.get("encrypt_detail"),
    }
    cipher = {name: kept for name, value in told.items() if (kept := text(value))}
    if not cipher:
        return Receiver()
    return Receiver(
        name_mask=text(row.get("mask_post_receiver")),
        phone_mask=text(row.get("mask_post_tel")),
        address_mask=text(_part(row, "mask_post_addr").get("detail")),
        cipher=cipher,
    )


def _courier(parcels: Sequence[Row]) -> str:
    """Of the first parcel, which stands for all."""
    return courier_of(text(parcels[0].get("company")), text(parcels[0].get("company_name"))) if parcels else ""


def _told(row: Row, key: str) -> str:
    """A number or code; "0" is none."""
    told = text(row.get(key))
    return "" if told == "0" else told


def _words(row: Row, key: str) -> str | None:
    return text(row[key]) if key in row else None


def _part(row: Row, key: str) -> Row:
    part = row.get(key)
    return part if isinstance(part, dict) else {}


def _name(place: Row, key: str) -> str:
    return text(_part(place, key).get("name"))


def _number(row: Row, key: str) -> int | None:
    """A state number, sent as a number or as text; None where it is missing or no number."""
    value = row.get(key)
    if type(value) is int:
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() else None
