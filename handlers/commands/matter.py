"""What a command is about that takes an order as well as a matter: 认领 A7F2, 认领 JD-20251222-001; and what is said
where the matter is over."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import TextClause, text

from handlers import find, pressing
from handlers.commands.command import Request
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Press
from handlers.parse import code_in, leading
from handlers.subjects import split
from handlers.views import CaseView, View
from models.case import LIVE, ids_of

_ANYWAY = ("refresh", "reopen", "useful", "false_alarm")  # what may be asked of a matter that is over
_STATE = text("SELECT state FROM cases WHERE id = :id")
_OVER = text("SELECT id FROM cases WHERE id = ANY(:ids) ORDER BY id DESC LIMIT 1")
_LIVE = text("SELECT id FROM cases WHERE id = ANY(:ids) AND state IN ('open', 'claimed') ORDER BY id DESC LIMIT 1")
_NEWEST = text("SELECT max(id) FROM cases")


def matter_in(desk: Desk, rest: str, *, example: str) -> tuple[str, int, str]:
    """("case" or "order", its id, what stands behind). A code that is also an order's short number means the matter,
    if one of that code is live; four digits are always an order's. Raises Refusal."""
    code = code_in(rest)
    if code is not None and not code[0].isdigit():
        case_id = _case(desk, code[0])
        if case_id is not None:
            return "case", case_id, code[1]
    named = leading(rest)
    if named is None or named[0].kind == "name":
        if code is not None and not code[0].isdigit():
            if (over := _case(desk, code[0], _OVER)) is not None:
                return "case", over, code[1]  # what is done to it then says that it is over, and by whom
            raise Refusal(f"没有待处理的短码 {code[0]}，请看卡片上的短码，或发「我的」")
        raise Refusal(f"请写上短码或订单编号，例如：{example}")
    over = _case(desk, code[0], _OVER) if code is not None and not code[0].isdigit() else None
    if code is not None and over is not None and not find.find(desk, named[0]):  # AUM3 is no order's number here
        return "case", over, code[1]
    return "order", find.one(desk, named[0]), named[1].strip(" ,，:：")


def press(desk: Desk, request: Request, pressed: Press, actor: Actor) -> View:
    """What was typed, as the button that it stands for. Of a matter that is over already the answer says that nothing
    was done. Raises Refusal."""
    kind, number = split(pressed.subject)
    over = kind == "case" and pressed.action not in _ANYWAY and is_over(desk, number)
    view = pressing.press(desk, replace(request.incoming, press=pressed), actor)
    return nothing_done(view) if over else view


def is_over(desk: Desk, case_id: int) -> bool:
    state = desk.session.execute(_STATE, {"id": case_id}).scalar_one_or_none()
    return state is not None and state not in LIVE


def nothing_done(view: View) -> View:
    """A card alone would only show how the matter stands: whoever typed hears that the words did nothing, and why."""
    if not isinstance(view, CaseView) or not view.settled:
        return view
    again = f"。要重新处理请发：{view.code} 重开" if view.order_id is not None else ""
    return replace(view, note=f"什么都没有改：这件事已经结束，{view.note}{again}")


def _case(desk: Desk, code: str, query: TextClause = _LIVE) -> int | None:
    newest = desk.session.execute(_NEWEST).scalar_one() or 0
    found: int | None = desk.session.execute(query, {"ids": ids_of(code, newest)}).scalar_one_or_none()
    return found
