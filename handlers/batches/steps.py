"""审核 and 配货, for many orders; and what hinders any step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import Row

from handlers import owe, stages
from handlers.batches import moves
from handlers.batches.doing import Act, Doing, Piece
from handlers.batches.moves import Move
from handlers.desk import Desk
from handlers.permissions import STEPS
from handlers.shortage import claims
from handlers.stages import VERBS
from handlers.wording import day
from models.stages import MOVES, TITLES, Stage, Verb

FROM: Final = {
    Verb.APPROVE: Stage.PENDING_REVIEW, Verb.PICK: Stage.PENDING_PICK, Verb.SHIP: Stage.PENDING_SHIP,
}  # fmt: skip


def hinder(verb: Verb, row: Row[Any], act: Act) -> str:
    """Why the order cannot go on by `verb` now; "" where it can. What stands before ： is the kind of reason."""
    if (Stage(row.stage), verb) not in MOVES:
        return f"现在是{TITLES[Stage(row.stage)]}"
    if row.hold:
        return f"平台暂不允许发货：{row.hold}"
    if row.refund in ("asked", "refunded"):
        return "买家申请退款" if row.refund == "asked" else "已退款"
    if row.lock_reason:
        return f"已锁定：{row.lock_reason}"
    early = row.not_before_at is not None and row.not_before_at > act.now
    if early and ((verb is Verb.SHIP and not act.supervises) or (verb is Verb.PICK and act.broad)):
        return f"约定以后发货：{day(row.not_before_at)} 起"  # who names it may have it picked before its day
    return ""


def _do(verb: Verb, desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    stage = MOVES[FROM[verb], verb]
    if verb is Verb.APPROVE:
        pieces = _with_goods(desk, pieces)
    made = []
    for piece in pieces:
        piece.before |= before(piece.row)
        detail = {"_since": piece.row.stage_entered_at.isoformat(), **act.of_batch}
        made.append(_as_it_is(piece.row, stage, VERBS[verb], detail, entered_at=act.now))
    moves.move(desk, act.actor, made)
    ids = [piece.row.id for piece in pieces]
    owe.owe(desk, stages.cases_follow(desk, ids, stage, act.actor, what=VERBS[verb]), by=act.actor)


def _with_goods(desk: Desk, pieces: Sequence[Piece]) -> list[Piece]:
    """Those for which the shelf reaches at this moment; the others are told why they are left out."""
    why = claims.hinder(desk, [piece.row.id for piece in pieces])
    for piece in pieces:
        piece.why = why.get(piece.row.id, "")
    return [piece for piece in pieces if not piece.why]


def before(row: Row[Any]) -> dict[str, str]:
    """What must be known to put an order back where it was."""
    return {"stage": row.stage, "since": row.stage_entered_at.isoformat()}


def _undo(verb: Verb, desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    made = [
        _as_it_is(
            one.row, Stage(one.before["stage"]), VERBS[Verb.SEND_BACK], act.of_batch,
            entered_at=datetime.fromisoformat(one.before["since"]),
        ) for one in pieces
    ]  # fmt: skip
    moves.move(desk, act.actor, made)
    owe.owe(desk, cases_back(desk, act, pieces, VERBS[verb]), by=act.actor)


def cases_back(desk: Desk, act: Act, pieces: Sequence[Piece], what: str) -> list[owe.Owed]:
    """What the step ended lives again, and every other live case shows the old stage."""
    ids = [piece.row.id for piece in pieces]
    owed = stages.cases_follow(desk, ids, Stage.PENDING_REVIEW, act.actor, what=VERBS[Verb.SEND_BACK])
    return owed + stages.cases_again(desk, {one.row.id: one.at for one in pieces if one.at is not None}, what)


def _as_it_is(row: Row[Any], stage: Stage, action: str, detail: dict[str, Any], *, entered_at: datetime) -> Move:
    """Its parcel, if it has one, stays as it is."""
    return Move(row, stage, entered_at, action, detail, row.waybill, row.courier, row.shipped_at)


def step(verb: Verb) -> Doing:
    done = f"已到{TITLES[MOVES[FROM[verb], verb]]}"
    return Doing(
        VERBS[verb], STEPS[verb], FROM[verb], partial(hinder, verb), partial(_do, verb), partial(_undo, verb),
        lambda _: done, careful=True,
    )  # fmt: skip
