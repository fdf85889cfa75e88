"""A Pinduoduo order becomes a snapshot. The only place that knows its field names (reference sheet 5.4, 8, 12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ingest.beijing import moment, required_moment
from ingest.fields import flag, joined, keys_of, rows, text
from ingest.kinds import by_words
from ingest.money import fen, fen_or_zero, pieces, shares
from ingest.pdd.couriers import SLUGS
from ingest.snapshot import Effect, Kind, LineSnapshot, OrderSnapshot, Unreadable
from ingest.source import Record
from models.vault import Receiver

Row = Mapping[str, Any]

_STATUS_WORDS: Final = {1: "待发货", 2: "已发货待签收", 3: "已签收"}
_REFUND_WORDS: Final = {2: "售后处理中", 3: "退款中", 4: "退款成功"}
_PROMISES: Final = {
    "has_sf_express_service": "顺丰加价服务",
    "free_sf": "顺丰包邮",
    "has_ship_additional": "加价优先发货",
}
_REFUNDS: Final = {1: "", 2: "asked", 3: "asked", 4: "refunded"}
_SELLER_REFUSED: Final = 6
_EXCHANGE: Final = range(14, 19)
_RESHIP: Final = 32
_REPAIR: Final = range(21, 28)
_PRICE_DIFFERENCE, _GIFT = 3, 4  # relation_type
_CIPHERS: Final = ("receiver_name", "receiver_phone", "contact_mobile", "receiver_address", "address")


def parse(record: Record) -> OrderSnapshot:
    """Raises Unreadable."""
    row = record.body
    effect, status = _effect(row)
    refund = _refund(row)
    paid, post = fen(row.get("pay_amount"), "实付金额"), fen_or_zero(row.get("postage"), "运费")
    kind, evidence, original = _kind(row)
    presale = _number(row, "is_pre_sale") == 1 or kind is Kind.PRESALE
    return OrderSnapshot(
        external_id=record.external_id,
        effect=effect,
        platform_status=status,
        created_at=required_moment(row.get("created_time"), "创建时间"),
        modified_at=required_moment(row.get("updated_at"), "修改时间"),
        lines=_lines(row, max(0, paid - post), refund=refund, shipped=effect is Effect.SHIPPED),
        paid_fen=paid,
        goods_fen=fen_or_zero(row.get("goods_amount"), "商品金额"),
        post_fen=post,
        discount_fen=fen_or_zero(row.get("discount_amount"), "优惠金额"),
        # The deal is made when the group is full, so that is where the seller's clock starts.
        paid_at=moment(row.get("confirm_time"), "成交时间") or moment(row.get("pay_time"), "付款时间"),
        ship_by_at=moment(row.get("last_ship_time"), "承诺发货时间"),
        not_before_at=moment(row.get("pre_sale_time"), "预售时间") if presale else None,
        shipped_at=moment(row.get("shipping_time"), "发货时间"),
        kind=kind,
        kind_evidence=evidence,
        original_id=original,
        hold=_hold(row) if effect is Effect.ADMIT else "",
        refund="asked" if refund == "refused" else refund,
        buyer_message=text(row.get("buyer_memo")),
        seller_memo=text(row.get("remark")),
        seller_flag=flag(row.get("remark_tag")),
        province=text(row.get("province")),
        city=text(row.get("city")),
        district=text(row.get("town")),  # what Pinduoduo calls town is the district
        receiver=_receiver(row),
        receiver_key=text(row.get("open_address_id")),
        waybill=joined([text(row.get("tracking_number")), *_more_parcels(row)]),
        courier=courier_of(row),
        promised="、".join(words for tag, words in _PROMISES.items() if tag in _tags(row)),
        urged_at=moment(row.get("urge_shipping_time"), "催发货时间"),
    )


def courier_of(row: Row) -> str:
    number = text(row.get("logistics_id"))
    return SLUGS.get(number, number) if number not in ("", "0") else ""


def is_held(row: Row) -> str:
    """Why Pinduoduo forbids shipping now, "" if it does not; refunds are another matter."""
    if _number(row, "risk_control_status") == 1:
        return "平台风控审核中，暂不能发货"
    return "平台暂停发货" if "ship_hold" in _tags(row) else ""


def order_status(row: Row) -> int:
    """1 to ship, 2 shipped, 3 signed. Raises Unreadable."""
    status = _number(row, "order_status")
    if status not in _STATUS_WORDS:
        raise Unreadable(f"平台状态不认识：{text(row.get('order_status'))[:40] or '空'}")
    return status


def is_cancelled(row: Row) -> bool:
    """Of an order that has not been shipped."""
    return 2 in (_number(row, "confirm_status"), _number(row, "group_status")) or _number(row, "refund_status") == 4


def _effect(row: Row) -> tuple[Effect, str]:
    """The effect, and the states that led to it as words."""
    status, refund = order_status(row), _REFUND_WORDS.get(_number(row, "refund_status") or 0, "")
    words = [_STATUS_WORDS[status], refund]
    if status != 1:
        return Effect.SHIPPED, joined(words)
    if is_cancelled(row):
        failed = "未成团" if _number(row, "group_status") == 2 else ""
        return Effect.CANCELLED, joined(["已取消", failed, refund])
    if _number(row, "group_status") == 0:
        return Effect.UNPAID, "拼团中"
    if _number(row, "confirm_status") == 0:
        return Effect.UNPAID, "未成交"
    if _deposit_only(row):
        return Effect.UNPAID, "待付尾款"
    return Effect.ADMIT, joined([*words, "风控审核中" if _number(row, "risk_control_status") == 1 else ""])


def _deposit_only(row: Row) -> bool:
    if _number(row, "trade_type") != 1:
        return False
    steps = row.get("step_order_info")
    return not isinstance(steps, dict) or _number(steps, "step_trade_status") != 2


def _refund(row: Row) -> str:
    refund = _REFUNDS.get(_number(row, "refund_status") or 1, "")
    return "refused" if refund == "asked" and _number(row, "after_sales_status") == _SELLER_REFUSED else refund


def _hold(row: Row) -> str:
    return is_held(row) or ("退款处理中" if _number(row, "refund_status") in (2, 3) else "")


def _kind(row: Row) -> tuple[Kind, str, str | None]:
    """Kind, evidence, and the order that this one belongs to; best evidence first."""
    after_sale = _number(row, "after_sales_status")
    if after_sale in _EXCHANGE:
        return Kind.EXCHANGE, f"平台售后状态 {after_sale}（换货）", None
    if after_sale == _RESHIP or row.get("resend_delivery_list"):
        return Kind.RESHIP, "平台售后状态 32（补寄，待商家发货）" if after_sale == _RESHIP else "平台有补寄包裹", None
    if after_sale in _REPAIR:
        return Kind.REPAIR, f"平台售后状态 {after_sale}（维修）", None
    for relation in rows(row.get("related_order_list"), "关联订单"):
        number = text(relation.get("order_sn"))
        if _number(relation, "relation_type") == _PRICE_DIFFERENCE:
            return Kind.PRICE_DIFFERENCE, f"平台关联主订单 {number}（补差价）", number or None
        if _number(relation, "relation_type") == _GIFT:
            return Kind.GIFT, f"平台关联主订单 {number}（赠品）", number or None
    return (*_own_kind(row), None)


def _own_kind(row: Row) -> tuple[Kind, str]:
    if _number(row, "is_lucky_flag") == 2:
        return Kind.LOTTERY, "平台标为抽奖订单"
    if _number(row, "trade_type") == 1:
        return Kind.PRESALE, "平台订单类型为定金预售"
    if _number(row, "is_pre_sale") == 1:
        return Kind.PRESALE, f"平台标为预售，{text(row.get('pre_sale_time'))[:10] or '未给发货时间'}"
    if "self_contained" in _tags(row):
        return Kind.PICKUP, "平台标签为门店自提"
    found = by_words(text(row.get("remark")))
    if found[0] is Kind.NORMAL and "distributional_sale" in _tags(row):
        return Kind.DISTRIBUTION, "平台标签为分销"
    return found


def _lines(row: Row, goods_paid: int, *, refund: str, shipped: bool) -> tuple[LineSnapshot, ...]:
    found = rows(row.get("item_list"), "商品明细")
    if not found:
        raise Unreadable("缺少商品明细")
    skus = [text(item.get("sku_id")) or text(item.get("goods_id")) for item in found]
    prices = [fen(item.get("goods_price"), "商品单价") for item in found]
    counts = [pieces(item.get("goods_count"), "商品数量") for item in found]
    paid = shares(goods_paid, [price * count for price, count in zip(prices, counts, strict=True)])
    keys = keys_of([("", sku) for sku in skus])
    return tuple(
        LineSnapshot(
            line_key=keys[place],
            sku=text(item.get("outer_id")) or text(item.get("outer_goods_id")),
            platform_sku=skus[place],
            title=text(item.get("goods_name")),
            quantity=counts[place],
            price_fen=prices[place],
            paid_fen=paid[place],
            spec=text(item.get("goods_spec")),
            refund=refund,
            shipped=shipped,
        )
        for place, item in enumerate(found)
    )


def _receiver(row: Row) -> Receiver:
    """Ciphertext goes away when the order has left; then nothing is returned, so that what was kept stays."""
    cipher = {name: value for name in _CIPHERS if (value := text(row.get(name)))}
    if not cipher:
        return Receiver()
    return Receiver(
        name_mask=text(row.get("receiver_name_mask")),
        phone_mask=text(row.get("receiver_phone_mask")),
        address_mask=text(row.get("receiver_address_mask")) or text(row.get("address_mask")),
        cipher=cipher,
    )


def _more_parcels(row: Row) -> list[str]:
    return [
        text(parcel.get("tracking_number"))
        for key in ("extra_delivery_list", "resend_delivery_list")
        for parcel in rows(row.get(key), "包裹")
    ]


def _tags(row: Row) -> Sequence[str]:
    found = rows(row.get("order_tag_list"), "订单标签")
    return [text(tag.get("name")) for tag in found if tag.get("value") in (1, "1", True)]


def _number(row: Row, key: str) -> int | None:
    """A state number, sent as a number or as text; None where it is missing or no number."""
    value = row.get(key)
    if type(value) is int:
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() else None
