"""A case ends by a person: the order is unlocked where nothing else locks it, the customer hears, and for a minute it
can be taken back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NoReturn

from sqlalchemy import text

from handlers import owe, watch
from handlers.batches import orders, told
from handlers.batches.doing import Act, Doing, Piece
from handlers.batches.remember import UNDO, remember
from handlers.caselife.changing import Change, Matter, change, note, read
from handlers.desk import Actor, Desk, Refusal
from handlers.kinds import kind_of
from handlers.permissions import Permit
from models.case_life import ENDS, TITLES, Turn, life_of, taken_back

_NOT_BEFORE: Final = text("UPDATE orders SET not_before_at = :at WHERE id = :id")
_NO_ASK: Final = text("UPDATE force_asks SET state = 'gone' WHERE case_id = :id AND state = 'asked'")
ANSWERED: Final = "answered"
"""What is remembered of an end that is an answer to somebody, and is not taken back."""
ENDED: Final = "end_case"


def end(
    desk: Desk, matter: Matter, actor: Actor, made: Change, *, not_before_at: datetime | None = None
) -> None:  # fmt: skip
    """It is over. Within a minute the same person, or a supervisor, can take that back (撤销)."""
    case, order = matter.case, matter.order
    values = {"solved_at": desk.now, "solved_by": actor.staff_id, "solution": made.words, "due_at": None}
    revision = change(desk, matter, actor, replace(made, values={**values, **made.values}))
    desk.session.execute(_NO_ASK, {"id": case.id})
    if order is None:
        return
    if not_before_at is not None:
        desk.session.execute(_NOT_BEFORE, {"at": not_before_at, "id": order.id})
    customer = kind_of(case.kind).customer
    if customer and made.turn is Turn.SOLVE:
        buyer = (order.shop_id, order.buyer_key, order.external_id)
        told.owe_later(desk, [(owe.solved_message(desk, case.id, buyer, customer), desk.now + UNDO)])
    watch.watch(desk, [order.id])  # unlocks, and sets the clock anew
    _remember(desk, matter, actor, revision)


def _remember(desk: Desk, matter: Matter, actor: Actor, revision: int) -> None:
    case, order = matter.case, matter.order
    assert order is not None  # a matter of many orders is not taken back
    verb = ANSWERED if kind_of(case.kind).ends_by else ENDED
    before = {name: _as_text(getattr(case, name)) for name in ("claimed_until", "wake_at", "due_at")}
    kept = {"state": case.state, "owner_id": case.owner_id, "waiting_on": case.waiting_on, **before}
    kept["not_before_at"] = _as_text(order.not_before_at)
    now = orders.revisions(desk, [order.id])[order.id]
    remember(desk, actor, verb, order.id, revision=now, case=case.id, left=revision, kept=kept, words=matter.title)


def _as_text(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


_BACK: Final = text("""
    UPDATE cases c SET state = x.state, owner_id = x.owner_id, claimed_until = x.claimed_until, wake_at = x.wake_at,
        waiting_on = x.waiting_on, due_at = x.due_at, solved_at = NULL, solved_by = NULL, solution = '',
        revision = c.revision + 1
    FROM jsonb_to_record(cast(:kept AS jsonb)) AS x(state text, owner_id int, claimed_until timestamptz,
        wake_at timestamptz, waiting_on text, due_at timestamptz)
    WHERE c.id = :id AND c.revision = :left AND NOT EXISTS (SELECT FROM cases o
        WHERE o.kind = c.kind AND o.order_id = c.order_id AND o.id <> c.id AND o.state IN ('open', 'claimed'))
    RETURNING c.revision
""")


def take_back(desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    """撤销, within the minute: each case stands again where it stood, and its order is locked again by it."""
    for piece in pieces:
        _take_back(desk, act, piece)


def _take_back(desk: Desk, act: Act, piece: Piece) -> None:
    case_id, kept = piece.before["case"], piece.before["kept"]
    matter = read(desk, case_id)
    assert matter is not None  # cases are never deleted
    before = life_of(_Stood(**{name: kept[name] for name in _STOOD}))
    values = {"id": case_id, "left": piece.before["left"], "kept": json.dumps(kept, ensure_ascii=False)}
    revision = None
    if matter.life in ENDS.values():
        taken_back(matter.life, before)  # raises where the table knows no such end
        revision = desk.session.execute(_BACK, values).scalar_one_or_none()
    if revision is None:
        piece.why = f"「{matter.title}」之后又有变化，没有撤销"
        return
    if piece.row.not_before_at != _moment(kept["not_before_at"]):
        desk.session.execute(_NOT_BEFORE, {"at": _moment(kept["not_before_at"]), "id": piece.row.id})
    told.unsay(desk, [f"case:{case_id}:solved:customer"])
    note(desk, matter, act.actor, action="撤销", detail={matter.title: TITLES[before]})
    owe.owe(desk, [owe.edit(case_id, revision)], by=act.actor)
    watch.watch(desk, [piece.row.id])


@dataclass(frozen=True, slots=True)
class _Stood:
    """How a case stood before its end; moments as they are kept."""

    state: str
    owner_id: int | None
    claimed_until: str | None
    wake_at: str | None


_STOOD: Final = ("state", "owner_id", "claimed_until", "wake_at")


def _moment(words: str | None) -> datetime | None:
    return datetime.fromisoformat(words) if words else None


def _never(*_args: object) -> NoReturn:
    raise Refusal("这不是批量操作")


TAKE_BACK: Final = Doing(
    "撤销处理", Permit("撤销"), None, lambda _row, _act: "", _never, take_back, lambda _act: "已处理"
)  # fmt: skip
"""Only ever taken back: an end is made one by one, and remembered like a batch of one."""
