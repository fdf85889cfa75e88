"""发货 of many parcels, each with a courier and a number of its own.

Nobody outside hears of them for as long as they can be taken back (docs/decisions/0015): the marketplace, the customer
and the courier interface are told when that time is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, platform_moves, stages, stock
from handlers.batches import moves, orders, steps, told
from handlers.batches.doing import Act, Doing, Piece
from handlers.batches.moves import Move
from handlers.batches.remember import UNDO
from handlers.desk import Desk, Job
from handlers.permissions import STEPS
from handlers.shortage import parting
from handlers.stages import VERBS
from handlers.wording import customer_time, goods
from models import sources
from models.couriers import courier_name
from models.stages import Stage, Verb

_NEAR: Final = timedelta(minutes=10)
"""With so little time left to its deadline a parcel is told of at once, and cannot be taken back."""
_ALONE: Final = "拆单的：请单独发货，一次发一包"

_OWE: Final = text("""
    INSERT INTO write_backs (order_id, shop_id, kind, body, state, next_try_at, created_at, problem)
    SELECT x.order_id, x.shop_id, 'ship', x.body, CASE WHEN x.told THEN 'owed' ELSE 'confirmed' END,
        CASE WHEN x.told THEN x.at END, :now, CASE WHEN x.told THEN '' ELSE '无需回传' END
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(order_id bigint, shop_id int, body jsonb, told bool,
        at timestamptz)
    ON CONFLICT (order_id, kind, line) DO NOTHING
""")
_LINES: Final = text("""
    SELECT order_id, title, spec, quantity FROM order_lines WHERE order_id = ANY(:ids) ORDER BY order_id, position
""")
# Orders are locked before their write-backs here, and after them by whoever tells one just now: nobody waits.
_TELLS: Final = text("""
    SELECT w.order_id FROM write_backs w WHERE w.order_id = ANY(:ids) AND w.kind = 'ship' AND w.tries = 0
        AND (w.state = 'owed' OR w.problem = '无需回传') AND NOT EXISTS (
            SELECT FROM notifications n WHERE n.dedupe_key = 'order:' || w.order_id || ':shipped:customer'
                AND (n.state <> 'owed' OR n.tries > 0))
    FOR UPDATE OF w SKIP LOCKED
""")
_FORGET: Final = text("DELETE FROM write_backs WHERE order_id = ANY(:ids) AND kind = 'ship'")
_UNFOLLOW: Final = text("DELETE FROM parcels WHERE order_id = ANY(:ids)")


def _do(desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    apart = parting.apart(desk, [piece.row.id for piece in pieces])
    for piece in pieces:
        piece.why = _ALONE if piece.row.id in apart else ""
    pieces = [piece for piece in pieces if not piece.why]
    if not pieces:
        return
    told_at = {piece.row.id: _told_at(piece.row, act.now) for piece in pieces}
    moves.move(desk, act.actor, [_move(piece, act, told_at[piece.row.id]) for piece in pieces])
    ids = list(told_at)
    owe.owe(desk, stages.cases_follow(desk, ids, Stage.DONE, act.actor, what=VERBS[Verb.SHIP]), by=act.actor)
    _owe_platforms(desk, act, pieces, told_at)
    _owe_customers(desk, act, pieces, told_at)
    stock.take(desk, ids)


def _told_at(row: Row[Any], now: datetime) -> datetime:
    near = row.ship_by_at is not None and row.ship_by_at - _NEAR <= now
    return now if near else now + UNDO


def _move(piece: Piece, act: Act, told_at: datetime) -> Move:
    row, parcel = piece.row, piece.detail
    piece.before |= steps.before(row)
    said = {
        "_since": row.stage_entered_at.isoformat(), "快递": courier_name(parcel["courier"]),
        "运单": parcel["waybill"], **act.of_batch,
    }  # fmt: skip
    # The look at that moment finds its parcel, which is followed from then on (handlers/watch.py).
    return Move(
        row, Stage.DONE, act.now, VERBS[Verb.SHIP], said, parcel["waybill"], parcel["courier"], act.now, told_at
    )  # fmt: skip


def _owe_platforms(desk: Desk, act: Act, pieces: Sequence[Piece], told_at: Mapping[int, datetime]) -> None:
    rows = [
        {
            "order_id": piece.row.id, "shop_id": piece.row.shop_id, "at": told_at[piece.row.id],
            "told": sources.is_told(piece.row.platform),
            "body": {"courier": piece.detail["courier"], "waybill": piece.detail["waybill"]},
        } for piece in pieces
    ]  # fmt: skip
    desk.session.execute(_OWE, {"rows": orders.as_json(rows), "now": act.now})
    if min(told_at.values()) <= act.now:
        desk.ask_later(Job.WRITE_BACK)


def _owe_customers(desk: Desk, act: Act, pieces: Sequence[Piece], told_at: Mapping[int, datetime]) -> None:
    lines: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    for line in desk.session.execute(_LINES, {"ids": list(told_at)}):
        lines[line.order_id].append((line.title, line.spec, line.quantity))
    said = [(_message(piece, act, goods(lines[piece.row.id])), told_at[piece.row.id]) for piece in pieces]
    told.owe_later(desk, said)


def _message(piece: Piece, act: Act, what: str) -> owe.CustomerMessage:
    row = piece.row
    values = {
        "number": row.external_id, "goods": what, "courier": courier_name(piece.detail["courier"]),
        "waybill": piece.detail["waybill"], "time": customer_time(act.now),
    }  # fmt: skip
    return platform_moves.shipped_message(row.id, row.shop_id, row.buyer_key, values)


def _undo(desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    """What the marketplace or the customer has heard of, or is just being told, stays as it is."""
    untold = set(desk.session.execute(_TELLS, {"ids": [piece.row.id for piece in pieces]}).scalars())
    back = [piece for piece in pieces if piece.row.id in untold]
    for piece in pieces:
        if piece.row.id not in untold:
            piece.why = "已经告诉平台或客户，撤不回来；单号发错请在平台后台更正"
    if not back:
        return
    ids = [piece.row.id for piece in back]
    desk.session.execute(_FORGET, {"ids": ids})
    told.unsay(desk, [f"order:{order_id}:shipped:customer" for order_id in ids])
    desk.session.execute(_UNFOLLOW, {"ids": ids})
    moves.move(desk, act.actor, [_back(piece, act) for piece in back])
    owe.owe(desk, steps.cases_back(desk, act, back, VERBS[Verb.SHIP]), by=act.actor)
    stock.put_back(desk, ids)


def _back(piece: Piece, act: Act) -> Move:
    since, stage = datetime.fromisoformat(piece.before["since"]), Stage(piece.before["stage"])
    said = {"运单": [piece.row.waybill, ""], **act.of_batch}
    return Move(piece.row, stage, since, VERBS[Verb.SEND_BACK], said)


SHIP: Final = Doing(
    VERBS[Verb.SHIP], STEPS[Verb.SHIP], Stage.PENDING_SHIP, partial(steps.hinder, Verb.SHIP), _do, _undo,
    lambda _: "已发货",
)  # fmt: skip
