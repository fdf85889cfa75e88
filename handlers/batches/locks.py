"""锁定 and 解锁, for many orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row

from handlers.batches.doing import Act, Doing, Piece
from handlers.desk import Desk
from handlers.holding import lock
from handlers.permissions import Permit
from models import Role
from models.people import ROLE_TITLES
from models.stages import OPEN, TITLES, Stage

_ROLES: Final = frozenset({Role.SERVICE, Role.WAREHOUSE})


def _hinder_lock(row: Row[Any], _act: Act) -> str:
    if Stage(row.stage) not in OPEN:
        return f"现在是{TITLES[Stage(row.stage)]}"
    return "已有人工锁定" if row.lock_id is not None else ""


def _hinder_unlock(row: Row[Any], act: Act) -> str:
    if row.lock_id is None:
        return f"没有人工锁定：{row.lock_reason}，要先处理这件异常" if row.lock_reason else "没有锁定"
    if not act.actor.may(Role(row.lock_role)):
        whose = ROLE_TITLES[Role(row.lock_role)]
        return f"由{whose}锁定，要{whose}解锁" + ("" if Role(row.lock_role) is Role.SUPERVISOR else "，主管也可以")
    if act.broad and lock.STOPPED in row.lock_reason:
        return "是拦下来的：处理好以后请点名解锁"
    return ""


def _lock(desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    made = lock.lock(desk, act, _rows(pieces))
    for piece in pieces:
        piece.before["case"] = made.get(piece.row.id)


def _unlock(desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    for piece in pieces:
        piece.before["case"] = piece.row.lock_id
    lock.unlock(desk, act, _rows(pieces), _cases(pieces))


def _undo_lock(desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    lock.never_mind(desk, act, _rows(pieces), _cases(pieces))


def _undo_unlock(desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    lock.again(desk, act, _rows(pieces), _cases(pieces))


def _rows(pieces: Sequence[Piece]) -> list[Row[Any]]:
    return [piece.row for piece in pieces]


def _cases(pieces: Sequence[Piece]) -> list[int]:
    return [piece.before["case"] for piece in pieces if piece.before.get("case")]


LOCK: Final = Doing("锁定", Permit("锁定", _ROLES), None, _hinder_lock, _lock, _undo_lock, lambda _: "已锁定")
UNLOCK: Final = Doing(
    "解锁", Permit("解锁", _ROLES), None, _hinder_unlock, _unlock, _undo_unlock, lambda _: "已解锁", all_locked=True
)
