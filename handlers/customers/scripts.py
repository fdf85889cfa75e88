"""Words to paste into the marketplace's own chat, for buyers who never bind: what is true of the order now, no
numbers of anybody, no address, nothing that a platform forbids (links, other chats)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, text

from handlers.caselife.heard import FORCED
from handlers.customers import manners, mends, notices, state, whose
from handlers.customers.events import EVENTS
from handlers.customers.journey import WRONG
from handlers.customers.show import masked
from handlers.desk import Desk
from handlers.kinds import kind_of
from handlers.mishaps.registering import KIND as MISHAP
from handlers.shortage import choices
from handlers.wording import day, moment
from models.beijing import day_start
from models.stages import Stage

_BUYER: Final = text(f"""
    SELECT whose.external_id, {whose.IS_BOUND} AS is_bound, {whose.IS_OUT} AS is_out
    FROM orders o CROSS JOIN LATERAL ({whose.ORDER}) whose WHERE o.id = :id
""")
# What ended by itself is told with what ended it; a reship tells so of what it mends.
_SOLVED: Final = text("""
    SELECT c.id, c.kind, c.evidence, c.solution FROM cases c
    WHERE c.order_id = :id AND c.state = 'solved' AND c.solved_at >= :since
        AND (c.solved_by IS NOT NULL OR c.kind = :mishap) AND NOT EXISTS (SELECT FROM cases n
            WHERE n.order_id = c.order_id AND n.kind = c.kind AND n.state IN ('open', 'claimed'))
    ORDER BY c.solved_at DESC, c.id DESC
""")
_LIVE: Final = text("""
    SELECT DISTINCT kind FROM cases WHERE order_id = :id AND state IN ('open', 'claimed') AND kind = ANY(:kinds)
    ORDER BY kind
""")
_ASKED_BACK: Final = "您的退款申请已收到，我们正在处理，结果以平台通知为准"
_PAID_BACK: Final = "您的退款已处理，到账时间以平台通知为准"
_AFTER_SALES: Final = {
    "退款": "，同意为您退款，结果以平台通知为准",
    "已补发": "，已为您安排补发",
}
"""How the solution of wrong goods begins → what their buyer hears of it; who was at fault is nobody's business."""
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
    result = _result(desk, one)
    heading = f"**{one.tag} 的话术**（{_for_staff(desk, one, result)}）"
    return f"{heading}\n亲，{f'{result}。' if result else ''}{_words(desk, one, what, result)}"


def _for_staff(desk: Desk, one: Row[Any], result: str) -> str:
    """Who the buyer is, and whether they are told without anybody's doing."""
    buyer = desk.session.execute(_BUYER, {"id": one.id}).one()
    event = _next_event(desk, one, result)
    if buyer.is_out:
        how = "已退订，请复制到平台聊天里"
    elif not buyer.is_bound:
        how = "没有绑定微信，请复制到平台聊天里"
    elif not event:
        how = "已绑定微信，但这件事不会自动通知，请复制到平台聊天里"
    elif not notices.told(desk, event):
        how = f"已绑定微信，但「{EVENTS[event].title}」通知没有开，请复制到平台聊天里"
    else:
        how = "已绑定微信，会自动通知"
    return f"{masked(buyer.external_id)}，{how}"


def _next_event(desk: Desk, one: Row[Any], result: str) -> str:
    """By which they are told of what is said here, or of what comes after it; "" where nothing comes: of what has left
    its platform alone tells that it is paid back."""
    stage, gives_back = Stage(one.stage), one.refund in ("asked", "refunded")
    if result or (stage is Stage.DONE and _wrong(desk, one)):
        return "solved"
    if stage is Stage.CANCELLED or (stage is Stage.DONE and gives_back):
        return ""
    if stage is Stage.DONE or stage is Stage.UNPAID:
        return "shipped"
    if gives_back:
        return "refunded"
    if one.short or one.awaits_refund or one.asked:
        return "stock" if one.short or one.awaits_refund else "solved"
    return "delayed" if state.is_late(one, desk.now) else "shipped"


def _result(desk: Desk, one: Row[Any]) -> str:
    """What a matter came to that was solved today, the last of them; "" for none, and for what is over since."""
    if one.refund in ("asked", "refunded") and Stage(one.stage) is not Stage.DONE:
        return ""
    since = day_start(desk.now)
    for row in desk.session.execute(_SOLVED, {"id": one.id, "since": since, "mishap": MISHAP}):
        words = kind_of(row.kind, row.evidence).customer
        is_over = row.solution.startswith(FORCED) or manners.is_over(desk, "solved", one.id, (f"case:{row.id}", ""))
        if words and not is_over:
            return f"{words}{_after_sales(row)}"
    return ""


def _after_sales(case: Row[Any]) -> str:
    found = (said for begins, said in _AFTER_SALES.items() if case.solution.startswith(begins))
    return next(found, "") if case.kind == MISHAP else ""


def _wrong(desk: Desk, one: Row[Any]) -> list[str]:
    """What is still wrong with an order that has left."""
    kinds = [kind for kind in WRONG if kind in manners.AFTER_SHIPPING]
    return [WRONG[row.kind] for row in desk.session.execute(_LIVE, {"id": one.id, "kinds": kinds})]


def _words(desk: Desk, one: Row[Any], what: str, result: str) -> str:
    stage = Stage(one.stage)
    if stage is Stage.DONE:
        return _left(desk, one, what, result)
    if stage is Stage.UNPAID:
        return f"您拍下的{what}还没有付款，付款后我们马上为您安排。"
    if stage is Stage.CANCELLED:
        return "您的这笔订单已取消，如果还需要可以重新下单，有疑问随时联系我们。"
    if one.refund == "refunded":
        return f"{_PAID_BACK}。"
    if one.refund == "asked":
        return f"{_ASKED_BACK}。"
    return _open(desk, one, what)


def _left(desk: Desk, one: Row[Any], what: str, result: str) -> str:
    """What left, what was sent to mend it, and what is wrong with it: only where nothing is, or was, there is no more
    to say than to look out for it."""
    back = {"asked": [_ASKED_BACK], "refunded": [_PAID_BACK]}.get(one.refund, [])
    stands = mends.said(desk, one)
    wrong = [*_wrong(desk, one), *back]
    goes_on = not (wrong or result) and one.parcel_state not in ("signed", "returned")
    ends = "请留意物流信息。收到后有任何问题随时联系我们" if goes_on else "有任何问题随时联系我们"
    return "。".join([f"您购买的{what}{stands}", *wrong, ends]) + "。"


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
    if decided := choices.words_now(desk, one.id):
        return decided.removeprefix("亲，")
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
