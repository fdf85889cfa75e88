"""Words to paste into the marketplace's own chat, for buyers who never bind: what is true of the order now, no
numbers of anybody, no address, nothing that a platform forbids (links, other chats)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, text

from handlers.customers import state, whose
from handlers.customers.show import masked
from handlers.desk import Desk
from handlers.shortage import choices
from handlers.wording import day, moment
from models.couriers import courier_name
from models.stages import Stage

_BOUND: Final = text(f"""
    SELECT whose.external_id, EXISTS (SELECT FROM ({whose.KEYS}) known JOIN customers c ON c.shop_id = known.shop_id
            AND c.buyer_key = known.buyer_key WHERE c.state = 'following')
        OR EXISTS (SELECT FROM ({whose.KEYS}) known JOIN customer_ways w ON w.shop_id = known.shop_id
            AND w.buyer_key = known.buyer_key) AS bound
    FROM orders o CROSS JOIN LATERAL ({whose.ORDER}) whose WHERE o.id = :id
""")
# What an open matter needs of the buyer (state.ASKS), as service says it in the marketplace's chat.
ASKS: Final = {
    "address_vague": "为了让包裹准确送到，麻烦您补充完整的收件地址（小区、楼栋、门牌号），我们核对后马上安排发货",
    "contact_missing": "您的收件电话似乎不完整，麻烦您核对后告诉我们，我们马上安排发货",
    "unreachable": "您的收件地址快递暂时送不到，麻烦您换一个收件地址，或者告诉我们怎样处理方便",
    "message_todo": "您的留言我们已经看到，正在为您核对，有结果马上回复您",
    "return_not_in": "麻烦您把要退换的商品寄回，我们收到后马上为您换发；已经寄出的话，请把退货的运单号发给我们",
}


def script(desk: Desk, order_id: int) -> str:
    """The heading for staff, then the text alone, so that it can be copied."""
    one = state.order(desk, order_id)
    what = state.goods_of(desk, [order_id]).get(order_id, "") or "商品"
    buyer = desk.session.execute(_BOUND, {"id": order_id}).one()
    bound = "已绑定微信，会自动通知" if buyer.bound else "没有绑定微信，请复制到平台聊天里"
    return f"**{one.tag} 的话术**（{masked(buyer.external_id)}，{bound}）\n亲，{_words(desk, one, what)}"


def _words(desk: Desk, one: Row[Any], what: str) -> str:
    stage = Stage(one.stage)
    if stage is Stage.DONE:
        way = f"，{courier_name(one.courier)} {one.waybill}，请留意物流信息" if one.waybill else "，请留意物流信息"
        return f"您购买的{what}已经发出{way}。收到后有任何问题随时联系我们。"
    if stage is Stage.UNPAID:
        return f"您拍下的{what}还没有付款，付款后我们马上为您安排。"
    if stage is Stage.CANCELLED:
        return "您的这笔订单已取消，如果还需要可以重新下单，有疑问随时联系我们。"
    if one.refund == "refunded":
        return "您的退款已处理，到账时间以平台通知为准。"
    if one.refund == "asked":
        return "您的退款申请已收到，我们正在处理，结果以平台通知为准。"
    return _open(desk, one, what)


def _open(desk: Desk, one: Row[Any], what: str) -> str:
    if one.short or one.awaits_refund:
        return _lacking(desk, one, what)
    if one.asked:
        return f"您购买的{what}：{ASKS[one.asked]}。"
    planned = one.not_before_at is not None and one.not_before_at > desk.now
    if state.is_late(one, desk.now):
        when = f"，已安排在 {day(one.not_before_at)} 起发货" if planned else "，我们正在加急处理，发出后马上告诉您"
        return f"非常抱歉，您购买的{what}没能按原定时间发出{when}。给您带来不便请谅解，如需取消也可以告诉我们。"
    if planned:
        return f"您购买的{what}已为您安排在 {day(one.not_before_at)} 起发货，发出后请留意物流信息。"
    when = f"，预计 {moment(one.ship_by_at)} 前发出" if one.ship_by_at is not None else "，会尽快发出"
    return f"您购买的{what}正在备货{when}，发出后请留意物流信息。"


def _lacking(desk: Desk, one: Row[Any], what: str) -> str:
    """What staff decided, as the buyer hears it elsewhere; else what they may choose."""
    if one.parted:
        return f"您购买的{what}：{state.said(one, desk.now)}。给您带来不便请谅解。"
    made = choices.chosen(desk, one.id)
    if made is not None:
        return str(made["text"]).removeprefix("亲，")
    if one.awaits_refund:
        return f"非常抱歉，您购买的{what}缺货，短时间内补不上。麻烦您在订单里申请退款，我们收到后马上处理。"
    listed = "；".join(f"{number}、{words}" for number, words in enumerate(_open_choices(desk, one), 1))
    return f"非常抱歉，您购买的{what}里有商品暂时缺货。您看怎样处理方便：{listed}。请回复数字，我们马上安排。"


def _open_choices(desk: Desk, one: Row[Any]) -> list[str]:
    """Only what would not be refused when the buyer has chosen it."""
    row = choices.orders(desk, [one.id]).get(one.id)
    lacking = (row.skus or ()) if row is not None else ()
    found = ["等到货后马上为您发出"]
    if lacking and all(choices.same_goods(desk, sku) for sku in lacking):
        found.append("换成同款其他颜色或规格")
    if not choices.hinder(choices.SPLIT, row):
        found.append("有货的先发，缺的到货后再补发")
    return [*found, "申请退款"]
