"""不是重复, 关闭这单: the same goods for the same buyer a few minutes after another order."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Row, text

from handlers import cases, watch
from handlers.actions.action import Action, Button, CaseState, Meant, Said, Then, case_id, press_of
from handlers.caselife import waiting
from handlers.caselife.changing import Matter, check_mine, deadline_of
from handlers.desk import Actor, Desk, Refusal
from handlers.drafts import drafts
from handlers.incoming import Incoming
from handlers.received import changing
from handlers.related.twins import KIND
from handlers.wording import moment

_HANDED_IN: Final = ("sheet", "mail")
_STATUS: Final = "拍重了，已关闭"
_LONGEST: Final = 60
_ORDER: Final = text("""
    SELECT id, shop_id, external_id, tag, platform, trail_hash FROM orders WHERE id = :id FOR NO KEY UPDATE
""")


def _no_double(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    """Both are sent; whether in one parcel is asked next."""
    pressed = press_of(incoming)
    number, why = case_id(pressed), pressed.value.strip()[:_LONGEST]
    case = _of(desk, number, actor).case
    cases.solve(desk, number, actor, f"不是重复：{why}" if why else "不是重复")
    other = case.evidence.get("other")
    watch.arrived(desk, sorted({case.order_id, other or case.order_id}))
    return Then()


def _close(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    """What the hub itself holds is cancelled; an order of a platform stays locked until that has closed it."""
    matter = _of(desk, case_id(press_of(incoming)), actor)
    check_mine(matter, actor)
    order = desk.session.execute(_ORDER, {"id": matter.case.order_id}).one()
    if order.platform in _HANDED_IN:
        changing.cancel(desk, [order], actor, action="关闭重复单", detail={}, status=_STATUS)
        return Then(f"{actor.name}已关闭 {order.tag}，不发了")
    if order.platform == drafts.PLATFORM:
        drafts.withdraw(desk, order.id, actor, _STATUS)
        return Then(f"{actor.name}已关闭 {order.tag}，马上撤下")
    return Then(_at_its_platform(desk, matter, actor, order))


def _at_its_platform(desk: Desk, matter: Matter, actor: Actor, order: Row[object]) -> str:
    said = f"请在平台后台关闭 {order.tag}，或请买家申请退款：平台关闭后自动解除，在那之前一直锁着"
    deadline = deadline_of(desk, matter)
    if deadline is not None and deadline - desk.now <= waiting.LEAST:
        return said
    until = waiting.wait(desk, matter.case.id, actor, "platform")
    return f"{said}；{moment(until)} 再提醒"


def _of(desk: Desk, number: int, actor: Actor) -> Matter:
    """Raises Refusal for a matter of another kind, Late for one that is over."""
    matter = cases.take_up(desk, number, cases.SOLVE, actor)
    if matter.case.kind != KIND:
        raise Refusal("只有疑似重复的单可以这样回答")
    return matter


def _meant(_desk: Desk, said: Said) -> Meant:
    return said.rest[:_LONGEST], {}


def _on_case(case: CaseState, words: str, style: str) -> tuple[Button, ...]:
    return (Button(words, style=style),) if case.kind == KIND else ()


NO_DOUBLE: Final = Action(
    cases.SOLVE, _no_double, words=dict.fromkeys(("不是重复", "不重复", "没拍重"), ""), meant=_meant,
    on_case=lambda case: _on_case(case, "不是重复", "main"),
)  # fmt: skip
CLOSE: Final = Action(
    cases.SOLVE, _close, words=dict.fromkeys(("关闭这单", "关闭重复", "是重复", "拍重了"), ""),
    on_case=lambda case: _on_case(case, "关闭这单", "danger"),
)  # fmt: skip
