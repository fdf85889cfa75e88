"""有用 or 误报 of one alert, while it lives and after its end. It is counted, and changes nothing else."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from handlers import trail
from handlers.desk import Actor, Desk, Refusal
from handlers.kinds import title_of
from handlers.permissions import Permit
from models.case import LIVE, short_code

SAY: Final = Permit("评价提醒")
WORDS: Final = {True: "有用", False: "误报"}

_CASE: Final = text("SELECT id, kind, state, order_id, evidence FROM cases WHERE id = :id")
# The order's row is locked, because a row joins its trail; of two presses of one person one counts.
_ORDER: Final = text("SELECT id FROM orders WHERE id = :id FOR NO KEY UPDATE")
_PUT: Final = text("""
    INSERT INTO alert_words AS w (case_id, staff_id, kind, useful, at) VALUES (:id, :staff_id, :kind, :useful, :now)
    ON CONFLICT (case_id, staff_id) DO UPDATE SET useful = :useful, at = :now WHERE w.useful <> :useful RETURNING useful
""")


def say(desk: Desk, case_id: int, actor: Actor, *, useful: bool) -> str:
    """Thanks. The same word again writes nothing. Raises Refusal for no such case, and for nobody in particular."""
    case = desk.session.execute(_CASE, {"id": case_id}).one_or_none()
    if case is None:
        raise Refusal("没有找到这件事")
    if actor.staff_id is None:
        raise Refusal("不知道您是谁，请在自己的账号里评价")
    if case.order_id is not None:
        desk.session.execute(_ORDER, {"id": case.order_id})
    values = {"id": case_id, "staff_id": actor.staff_id, "kind": case.kind, "useful": useful, "now": desk.now}
    if desk.session.execute(_PUT, values).first() is not None:
        detail = {title_of(case.kind, case.evidence): WORDS[useful]}
        if case.order_id is None:
            trail.write(desk, f"case:{case_id}", actor, action="评价提醒", detail=detail)
        else:
            trail.write_order(desk, case.order_id, actor=actor, action="评价提醒", detail=detail)
    thanks = f"谢谢，已记下：这条提醒{'有用' if useful else '是误报'}"
    ends = case.state in LIVE and case.order_id is not None and not useful
    return f"{thanks}。这件事还开着，要结束请发：{short_code(case_id)} 忽略 误报" if ends else thanks
