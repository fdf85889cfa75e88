"""What a command is about that takes an order as well as a matter: 认领 A7F2, 认领 JD-20251222-001."""

from __future__ import annotations

from sqlalchemy import text

from handlers import find
from handlers.desk import Desk, Refusal
from handlers.parse import code_in, leading
from models.case import ids_of

_LIVE = text("SELECT id FROM cases WHERE id = ANY(:ids) AND state IN ('open', 'claimed') ORDER BY id DESC LIMIT 1")
_NEWEST = text("SELECT max(id) FROM cases")


def matter_in(desk: Desk, rest: str, *, example: str) -> tuple[str, int, str]:
    """("case" or "order", its id, what stands behind). A code that is also an order's short number means the matter,
    if one of that code is live; four digits are always an order's. Raises Refusal."""
    code = code_in(rest)
    if code is not None and not code[0].isdigit():
        case_id = _live_case(desk, code[0])
        if case_id is not None:
            return "case", case_id, code[1]
    named = leading(rest)
    if named is None or named[0].kind == "name":
        if code is not None and not code[0].isdigit():
            raise Refusal(f"没有待处理的短码 {code[0]}，请看卡片上的短码，或发「我的」")
        raise Refusal(f"请写上短码或订单编号，例如：{example}")
    return "order", find.one(desk, named[0]), named[1].strip(" ,，:：")


def _live_case(desk: Desk, code: str) -> int | None:
    newest = desk.session.execute(_NEWEST).scalar_one() or 0
    found: int | None = desk.session.execute(_LIVE, {"ids": ids_of(code, newest)}).scalar_one_or_none()
    return found
