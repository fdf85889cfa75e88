"""延发, for many orders: not before a day, or, without one, not later any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from handlers.batches import memos
from handlers.batches.doing import Act, Doing, Piece
from handlers.desk import Desk
from handlers.holding import hold
from handlers.permissions import Permit
from handlers.wording import day
from models import Role
from models.stages import OPEN, TITLES, Stage


def _hinder(row: Row[Any], act: Act) -> str:
    if Stage(row.stage) not in OPEN:
        return f"现在是{TITLES[Stage(row.stage)]}"
    if act.until is None:
        return "" if row.hold_id is not None else "没有延发"
    return f"已经约定 {day(act.until)} 起发货" if row.not_before_at == act.until else ""


def line_of(act: Act) -> str:
    """What the marketplace's memo says of it."""
    if act.until is None:
        return "不再延发"
    return f"{day(act.until)} 起再发" + (f"，{act.words}" if act.words else "")


def _done(act: Act) -> str:
    return f"改到 {day(act.until)} 起发货" if act.until is not None else "不再延发"


def _do(desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    rows = [piece.row for piece in pieces]
    for piece in pieces:
        at = piece.row.not_before_at
        piece.before |= {
            "not_before_at": at.isoformat() if at is not None else None, "held": piece.row.hold_id is not None,
            "line": line_of(act),
        }  # fmt: skip
    if act.until is None:
        hold.lift(desk, act, rows)
    else:
        hold.hold(desk, act, rows, act.until)
    memos.owe(desk, act, rows, line_of(act))


def _undo(desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    known = [
        hold.Before(one.row, _moment(one.before.get("not_before_at")), bool(one.before.get("held")), one.at)
        for one in pieces
    ]
    hold.restore(desk, act, known)
    for line in {str(piece.before.get("line", "")) for piece in pieces}:
        memos.unsay(desk, [piece.row.id for piece in pieces], line)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


HOLD: Final = Doing("延发", Permit("延发", frozenset({Role.SERVICE})), None, _hinder, _do, _undo, _done)
