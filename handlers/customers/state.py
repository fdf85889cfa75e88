"""How an order stands, in words for its buyer: the true state and the next time, nothing of anybody's person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.wording import customer_time, day, goods, moment
from models.couriers import courier_name
from models.parcel import STATES
from models.stages import OPEN, Stage

ASKS: Final = {
    "address_vague": "收件地址还不完整，请把小区、楼栋、门牌号告诉店铺客服，核对后马上安排发货",
    "contact_missing": "收件人或电话不完整，请告诉店铺客服，核对后马上安排发货",
    "unreachable": "快递暂时送不到您的地址，请联系店铺客服换一个地址，或说明怎样处理方便",
    "message_todo": "您的留言已看到，店铺客服正在核对",
    "return_not_in": "您要退换的商品还没有入库，寄回后请把运单号告诉店铺客服，收到后马上处理",
}
"""Kind → what an open matter needs of the buyer: until then nobody knows when the order leaves."""
_HOLDS_NOTHING: Final = "message_todo"  # the work goes on meanwhile
_TO_REFUND: Final = "请在订单里申请退款，我们收到后马上处理"

COLUMNS: Final = f"""
    o.id, o.shop_id, o.platform, o.external_id, o.tag, o.buyer_key, o.stage, o.hold, o.refund, o.waybill, o.courier,
    o.not_before_at, o.ship_by_at, o.shipped_at, o.phone_tail_hash, o.paid_fen, o.stage_entered_at,
    (SELECT p.state FROM parcels p WHERE p.order_id = o.id ORDER BY p.id DESC LIMIT 1) AS parcel_state,
    EXISTS (SELECT FROM cases c WHERE c.order_id = o.id AND c.kind = 'short_stock'
        AND c.state IN ('open', 'claimed')) AS short,
    EXISTS (SELECT FROM cases c WHERE c.order_id = o.id AND c.kind = 'refund_wait'
        AND c.state IN ('open', 'claimed')) AS awaits_refund,
    (SELECT c.kind FROM cases c WHERE c.order_id = o.id AND c.kind IN ({", ".join(f"'{kind}'" for kind in ASKS)})
        AND c.state IN ('open', 'claimed') ORDER BY c.kind = '{_HOLDS_NOTHING}', c.id LIMIT 1) AS asked,
    EXISTS (SELECT FROM order_lines l WHERE l.order_id = o.id AND l.parting = 'gone') AS parted,
    (SELECT w.body FROM write_backs w WHERE w.order_id = o.id AND w.kind = 'ship' ORDER BY w.id LIMIT 1) AS parcel,
    (SELECT array_agg(s.incoming_at) FROM cases c
        CROSS JOIN LATERAL jsonb_array_elements_text(c.evidence -> 'skus') AS lacking (sku)
        LEFT JOIN stock s ON s.sku = lacking.sku
        WHERE c.order_id = o.id AND c.kind = 'short_stock' AND c.state IN ('open', 'claimed')) AS goods_at
"""
_ONE: Final = text(f"SELECT {COLUMNS} FROM orders o WHERE o.id = :id")
_LINES: Final = text("""
    SELECT order_id, title, spec, quantity, refund FROM order_lines WHERE order_id = ANY(:ids)
    ORDER BY order_id, position
""")


def order(desk: Desk, order_id: int) -> Row[Any]:
    return desk.session.execute(_ONE, {"id": order_id}).one()


def goods_of(desk: Desk, order_ids: Sequence[int]) -> dict[int, str]:
    """What was bought, in a few words, by order; without what was paid back, as long as anything else is left."""
    lines: dict[int, list[Row[Any]]] = {}
    for row in desk.session.execute(_LINES, {"ids": list(order_ids)}):
        lines.setdefault(row.order_id, []).append(row)
    return {order_id: goods(_left(found)) for order_id, found in lines.items()}


def _left(lines: Sequence[Row[Any]]) -> list[tuple[str, str, int]]:
    left = [line for line in lines if line.refund != "refunded"]
    return [(line.title, line.spec, line.quantity) for line in left or lines]


def said(one: Row[Any], now: datetime) -> str:
    """已收到，正在备货，预计 11-27 18:00 前发出."""
    if Stage(one.stage) is Stage.DONE:
        return shipped(one) + _paid_back(one)
    words = before_shipping(one, _left_first(one) if one.parted else "")
    return f"{words}，{next_time(one, now)}" if waits(one) else words


def waits(one: Row[Any]) -> bool:
    """Whether something of it is still to leave."""
    return Stage(one.stage) in OPEN and one.refund not in ("asked", "refunded")


def before_shipping(one: Row[Any], first: str = "已先发一包") -> str:
    """How an order stands that has not left, without a time. `first`: what is said of a parcel that went ahead."""
    if Stage(one.stage) in (Stage.CANCELLED, Stage.UNPAID):
        return "已取消" if one.stage == Stage.CANCELLED else "还没有付款"
    if one.refund in ("asked", "refunded"):
        return "退款处理中" if one.refund == "asked" else "已退款"
    if one.awaits_refund:
        return f"{first}，其余缺货" if one.parted else "商品缺货"
    if one.short:
        return f"{first}，其余暂时缺货，正在补货" if one.parted else "部分商品暂时缺货，正在补货"
    stands = "正在备货" if one.asked in (None, _HOLDS_NOTHING) else "还不能发货"
    if one.parted:
        return f"{first}，其余{stands}"
    return f"{'部分商品已退款，其余' if one.refund == 'part' else '已收到，'}{stands}"


def _paid_back(one: Row[Any]) -> str:
    """What left may come back: whoever was paid back hears that too."""
    return {"asked": "，退款处理中", "part": "，部分商品已退款", "refunded": "，已退款"}.get(one.refund, "")


def _left_first(one: Row[Any]) -> str:
    """已先发一包，顺丰速运 SF1234567890123."""
    sent = one.parcel or {}
    number = f"{courier_name(sent.get('courier', ''))} {sent.get('waybill', '')}".strip()
    return f"已先发一包{f'（{number}）' if number else ''}"


def next_time(one: Row[Any], now: datetime) -> str:
    """When an open order leaves, as far as anybody has said it, or what the buyer must do first: nothing is promised
    here that no person or platform has."""
    if one.awaits_refund or one.asked:
        return _TO_REFUND if one.awaits_refund else ASKS[one.asked]
    if one.not_before_at is not None and one.not_before_at > now:
        return f"已安排在 {day(one.not_before_at)} 起发货"
    if one.short:
        known = bool(one.goods_at) and all(at is not None and at > now for at in one.goods_at)  # of all that is short
        return f"预计 {day(max(one.goods_at))} 到货，到货后马上发出" if known else "到货后马上发出"
    if one.ship_by_at is None:
        return "发出后通知您"
    if one.ship_by_at > now:
        return f"预计 {moment(one.ship_by_at)} 前发出"
    return "比承诺的时间晚了，我们正在加急，发出后马上通知您"


def is_late(one: Row[Any], now: datetime) -> bool:
    """Whether it has missed, or will miss by what is planned, the time that the buyer was told."""
    if Stage(one.stage) not in OPEN or one.ship_by_at is None:
        return False
    planned = one.not_before_at is not None and one.not_before_at > max(now, one.ship_by_at)
    return bool(planned or one.ship_by_at <= now)


def values(one: Row[Any], what: str, now: datetime) -> dict[str, str]:
    """Every value that a notice about the order may name (events.VALUES); `what`: its goods."""
    planned = one.not_before_at if one.not_before_at is not None and one.not_before_at > now else None
    at = planned or (one.shipped_at if Stage(one.stage) is Stage.DONE else one.ship_by_at) or now
    return {
        "number": one.external_id,
        "goods": what,
        "courier": courier_name(one.courier) if one.courier else "",
        "waybill": one.waybill,
        "time": customer_time(at),
        "deadline": customer_time(one.ship_by_at) if one.ship_by_at is not None else "",
        "result": "已处理",
        "reason": "商品缺货" if one.short or one.awaits_refund else "仓库延误",
        "amount": f"¥{one.paid_fen / 100:.2f}",
    }


def shipped(one: Row[Any]) -> str:
    """已发货，顺丰速运 SF1234567890123，运输中."""
    number = f"，{courier_name(one.courier)} {one.waybill}" if one.waybill else ""
    on_its_way = STATES.get(one.parcel_state or "", "")
    return f"已发货{number}" + (f"，{on_its_way}" if number and on_its_way and one.parcel_state != "waiting" else "")
