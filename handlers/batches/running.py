"""A batch that is done: at once where it is small and nobody holds its orders, else by a worker, chunk by chunk, each
in a transaction of its own. What a dead worker left goes on from where it stood."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, permissions, seen
from handlers.batches import orders, store
from handlers.batches.doing import Act, Doing, Piece
from handlers.batches.remember import UNDO
from handlers.batches.verbs import BATCHES
from handlers.desk import Actor, Desk, Job, Late
from models import Batch
from models.stages import TITLES, Stage

AT_ONCE: Final = 100
"""So many orders are done while the person waits for the answer."""
CHUNK: Final = 100
_SHOW_EVERY: Final = timedelta(seconds=3)

_TICKED: Final = text("""
    UPDATE batch_orders SET state = 'skipped', why = '没有勾选'
    WHERE batch_id = :id AND state = 'waiting' AND order_id <> ALL(:ids)
""")
_NEXT: Final = text("""
    SELECT order_id, seen, made, at, detail, before FROM batch_orders WHERE batch_id = :id AND state = :state
    ORDER BY place LIMIT :most
""")
_DONE: Final = text("""
    UPDATE batch_orders b SET state = x.state, made = x.made, at = :now, why = x.why, before = x.before
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(id bigint, state text, made int, why text, before jsonb)
    WHERE b.batch_id = :batch AND b.order_id = x.id
""")
_GIVEN_UP: Final = text("""
    UPDATE batch_orders SET state = :state, why = :why, at = :now WHERE batch_id = :batch AND order_id = ANY(:ids)
""")
_LIVE: Final = text("SELECT id FROM batches WHERE state IN ('running', 'undoing') ORDER BY id")
# What waits for the time in which it can be taken back waits until the last of them can be no more.
_STILL: Final = text("""
    UPDATE write_backs w SET next_try_at = :until FROM batch_orders b
    WHERE b.batch_id = :id AND b.state = 'done' AND w.order_id = b.order_id AND w.state = 'owed' AND w.tries = 0
        AND w.next_try_at > :now AND w.created_at = b.at
""")

_STATES: Final = {
    "running": "正在处理", "done": "处理完了", "undoing": "正在撤销", "undone": "撤销了", "cancelled": "取消了",
}  # fmt: skip
SAID_BY: Final = {"running": "confirmed", "done": "confirmed", "undoing": "undone", "undone": "undone",
                  "cancelled": "cancelled"}  # fmt: skip


def confirm(desk: Desk, batch_id: int, actor: Actor, ticked: Collection[int] | None = None) -> Batch:
    """Somebody says yes, to all of it or to what is ticked. Raises Late where somebody else was faster, or the question
    is too old."""
    batch = store.locked(desk, batch_id)
    permissions.check(desk, BATCHES[batch.verb].permit, actor)
    must_be_asked(batch)
    if batch.asked_at + store.LIFE <= desk.now:
        raise Late("这次询问已经超过 10 分钟，什么都没有动，请重新发一次")
    if ticked is not None:
        if not ticked:
            raise Late("一单都没有勾选，什么都没有动")
        desk.session.execute(_TICKED, {"id": batch.id, "ids": list(ticked)})
    batch.state, batch.acted_by, batch.acted_at = "running", actor.staff_id, desk.now
    batch.actor, batch.said = store.packed(actor), {**batch.said, "confirmed": actor.name}
    begin(desk, batch)
    return batch


def cancel(desk: Desk, batch_id: int, actor: Actor) -> None:
    """Nothing is done. Raises Late where it is done already."""
    batch = store.locked(desk, batch_id)
    permissions.check(desk, BATCHES[batch.verb].permit, actor)
    must_be_asked(batch)
    batch.state, batch.said = "cancelled", {**batch.said, "cancelled": actor.name}
    store.changed(desk, batch)


def must_be_asked(batch: Batch) -> None:
    if batch.state != "asked":
        who = batch.said.get(SAID_BY[batch.state]) or batch.said.get("asker", "")
        raise Late(f"已由{who}{_STATES[batch.state]}")


def begin(desk: Desk, batch: Batch, *, wait: bool = False) -> bool:
    """Do it now where that is quick; else a worker does. Whether it is done. `wait` for orders that others hold."""
    desk.session.flush()  # what follows reads its row
    waiting = store.counts(desk, batch.id).get("waiting", 0)
    if waiting <= AT_ONCE and chunk(desk, batch, wait=wait):
        _end(desk, batch)
        return True
    batch.said = {**batch.said, "later": True}
    store.changed(desk, batch)
    desk.ask_later(Job.RUN_BATCH, batch.id)
    return False


def chunk(desk: Desk, batch: Batch, *, wait: bool, most: int = CHUNK) -> bool:
    """Do the next ones. False where somebody holds one of them, and nothing was done; only without `wait`."""
    found = next_of(desk, batch, "waiting", most)
    if not found:
        return True
    rows = orders.lock(desk, list(found), wait=wait)
    if len(rows) < len(found):
        return False
    doing, act = BATCHES[batch.verb], store.act_of(desk, batch)
    changed = [(row, found[row.id].seen) for row in rows.values() if row.revision != found[row.id].seen]
    news = seen.since(desk, changed, batch.asked_at) if changed else {}
    pieces = [Piece(rows[one.order_id], one.detail, why=_hindered(doing, act, rows[one.order_id], news))
              for one in found.values()]  # fmt: skip
    good = [piece for piece in pieces if not piece.why]
    if good:
        doing.do(desk, act, good)
    settle(desk, batch, pieces, ("done", "skipped"))
    return True


def _hindered(doing: Doing, act: Act, row: Row[Any], news: Mapping[int, str]) -> str:
    """What forbids it now; or that it is not what somebody was asked about, and in what way."""
    if (why := doing.hinder(row, act)) or row.id not in news:
        return why
    said = f"（{news[row.id]}）" if news[row.id] else ""
    return f"问过以后又有变化{said}，请再看一眼"


def next_of(desk: Desk, batch: Batch, state: str, most: int) -> Mapping[int, Row[Any]]:
    found = desk.session.execute(_NEXT, {"id": batch.id, "state": state, "most": most})
    return {row.order_id: row for row in found}


def settle(desk: Desk, batch: Batch, pieces: Sequence[Piece], states: tuple[str, str]) -> None:
    """Note what became of each: `states` of those that were done, and of those that could not be."""
    now = orders.revisions(desk, [piece.row.id for piece in pieces])
    rows = [
        {
            "id": piece.row.id, "state": states[bool(piece.why)], "why": piece.why, "before": piece.before,
            "made": None if piece.why else now[piece.row.id],
        } for piece in pieces
    ]  # fmt: skip
    desk.session.execute(_DONE, {"batch": batch.id, "now": desk.now, "rows": orders.as_json(rows)})


def go_on(desk: Desk, batch_id: int, most: int = CHUNK) -> bool:
    """A worker's turn: the next chunk. False when nothing is left to it, or another one is at it."""
    batch = store.free(desk, batch_id)
    if batch is None or batch.state != "running":
        return False
    chunk(desk, batch, wait=True, most=most)
    if store.counts(desk, batch.id).get("waiting"):
        _show(desk, batch)
        return True
    _end(desk, batch)
    return False


def give_up(desk: Desk, batch_id: int) -> None:
    """The next order breaks the code: it is left out and named, and the others go on."""
    batch = store.free(desk, batch_id)
    if batch is None or batch.state not in ("running", "undoing"):
        return
    running = batch.state == "running"
    found = next_of(desk, batch, "waiting" if running else "done", 1)
    values = {"batch": batch.id, "ids": list(found), "now": desk.now, "state": "skipped" if running else "kept"}
    desk.session.execute(_GIVEN_UP, {**values, "why": "程序处理这一单时出错，没有动：请联系管理员"})


def live(desk: Desk) -> list[int]:
    """The batches that a worker has to go on with."""
    return list(desk.session.execute(_LIVE).scalars())


def _show(desk: Desk, batch: Batch) -> None:
    """How far it is, now and then: on some channels a card can be changed only a few times."""
    if batch.shown_at is None or batch.shown_at + _SHOW_EVERY <= desk.now:
        store.changed(desk, batch)


def _end(desk: Desk, batch: Batch) -> None:
    batch.state, batch.undo_until = "done", desk.now + UNDO
    desk.session.execute(_STILL, {"id": batch.id, "until": batch.undo_until, "now": desk.now})
    tell(desk, batch)


def tell(desk: Desk, batch: Batch) -> None:
    """Its cards show the end; who waited for a worker gets it as a message of its own, for a chat may not be able to
    change the card that asked."""
    store.changed(desk, batch)
    if batch.said.get("later"):
        group = batch.place == "group"
        key, recipient = f"batch:{batch.id}:{batch.state}", "" if group else str(batch.actor["staff_id"])
        owe.owe(desk, [owe.Owed(key, "group" if group else "staff", "card", f"batch:{batch.id}", recipient)])


def where_now(row: Row[Any]) -> str:
    return f"现在是{TITLES[Stage(row.stage)]}"
