"""Short codes: four characters by which people name a case."""

from __future__ import annotations

from sqlalchemy import text

from handlers.desk import Desk, Refusal
from models.case import ids_of

_FIND = text("""
    SELECT id FROM cases WHERE id = ANY(:ids) ORDER BY (state IN ('open', 'claimed')) DESC, id DESC LIMIT 1
""")


def case_of(desk: Desk, code: str) -> int:
    """The case that `code` means: a live one before a settled one, a newer before an older. Raises Refusal."""
    found = _found(desk, code)
    if found is None:
        raise Refusal(f"没有短码 {code}，请看卡片上的短码，或发「我的」")
    return found


def is_known(desk: Desk, code: str) -> bool:
    return _found(desk, code) is not None


def _found(desk: Desk, code: str) -> int | None:
    newest = desk.session.execute(text("SELECT max(id) FROM cases")).scalar_one() or 0
    found: int | None = desk.session.execute(_FIND, {"ids": ids_of(code, newest)}).scalar_one_or_none()
    return found
