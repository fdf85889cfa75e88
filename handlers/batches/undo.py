"""撤销: within a minute a batch, or a step, is taken back: all of it that is still as it was left. What was changed
since stays, and is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import permissions
from handlers.batches import orders, running, store
from handlers.batches.doing import Piece
from handlers.batches.remember import UNDO
from handlers.batches.verbs import BATCHES, NEVER
from handlers.desk import Actor, Desk, Job, Late, Refusal
from models import Batch, Role

_STOP: Final = text("""
    UPDATE batch_orders SET state = 'skipped', why = '撤销了，没有动' WHERE batch_id = :id AND state = 'waiting'
""")
_NEWEST: Final = text("""
    SELECT id, acted_at FROM batches WHERE acted_by = :by AND state <> 'cancelled' ORDER BY id DESC LIMIT 1
""")
_OF_ORDER: Final = text("""
    SELECT batch_id FROM batch_orders WHERE order_id = :id AND state IN ('done', 'undone', 'kept')
    ORDER BY batch_id DESC LIMIT 1
""")
_ONE: Final = text("""
    SELECT order_id, seen, made, at, detail, before FROM batch_orders
    WHERE batch_id = :id AND order_id = :order_id AND state = 'done'
""")
_WHAT: Final = text("""
    SELECT b.order_id, o.tag, b.why FROM batch_orders b JOIN orders o ON o.id = b.order_id WHERE b.batch_id = :id
""")
# What one did since that no batch keeps. The trail's newest rows hold the last minute, whatever else goes on.
_SINCE: Final = text("""
    SELECT action FROM (SELECT id, at, actor_id, subject, action FROM trail ORDER BY id DESC LIMIT 5000) t
    WHERE actor_id = :me AND at > :since AND (action = ANY(:acts) OR (action = ANY(:ends) AND subject LIKE 'case:%'))
    ORDER BY id DESC LIMIT 1
""")
_NOT_TAKEN_BACK: Final = {
    "认领": "不做了请发：释放 短码", "释放": "要做请再认领", "转交": "要换人请再转", "转单": "要换人请再转",
    "指派": "要换人请再指派", "延后提醒": "要马上处理请认领", "等客户": "", "等采购": "", "等平台": "", "重开": "",
    "申请强制通过": "", "买家不退了": "要退款请再定一次退款", "买家不同意换货": "要换请再发一次换同款",
}  # fmt: skip
_ENDS: Final = ("处理完成", "忽略", "强制通过")  # of a matter without an order; the others are kept
TOO_LATE: Final = "已超过 60 秒，不能撤销。要改请对订单单独处理"
NOTHING: Final = "您最近 60 秒内没有可以撤销的操作"


def newest(desk: Desk, actor: Actor) -> int:
    """The batch of what this person did last. Raises Refusal when there is nothing, or they did something since that
    is not taken back: an older step is never meant then."""
    found = desk.session.execute(_NEWEST, {"by": actor.staff_id}).one_or_none()
    begun = desk.now - UNDO
    since = max(found.acted_at or begun, begun) if found is not None else begun
    acts = {"me": actor.staff_id, "since": since, "acts": list(_NOT_TAKEN_BACK), "ends": list(_ENDS)}
    done = desk.session.execute(_SINCE, acts).scalar_one_or_none()
    if done is not None:
        raise Refusal(_not_taken_back(done))
    if found is None:
        raise Refusal(NOTHING)
    return int(found.id)


def _not_taken_back(done: str) -> str:
    hint = _NOT_TAKEN_BACK.get(done)
    how = f"，{hint}" if hint else ""
    return f"您最后做的是「{done}」，它不能撤销{how}。更早的没有动，要撤那一步请写编号：撤销 编号"


def of_order(desk: Desk, order_id: int) -> int:
    """The batch that did something to an order last."""
    found: int | None = desk.session.execute(_OF_ORDER, {"id": order_id}).scalar_one_or_none()
    if found is None:
        raise Refusal("这一单最近没有可以撤销的操作")
    return found


def undo(desk: Desk, batch_id: int, actor: Actor) -> Batch:
    """Take back a batch. Raises Late and Refusal where that cannot be, and changes nothing then."""
    batch = _ready(desk, batch_id, actor)
    desk.session.execute(_STOP, {"id": batch.id})
    batch.state, batch.actor = "undoing", store.packed(actor)
    batch.said = {**batch.said, "undone": actor.name, "later": False}
    desk.session.flush()  # what follows reads its row
    if store.counts(desk, batch.id).get("done", 0) <= running.AT_ONCE and _chunk(desk, batch, wait=False):
        _end(desk, batch)
        return batch
    batch.said = {**batch.said, "later": True}
    store.changed(desk, batch)
    desk.ask_later(Job.RUN_BATCH, batch.id)
    return batch


def undo_one(desk: Desk, batch_id: int, order_id: int, actor: Actor) -> Batch:
    """Take back what it did to one order; the others stay."""
    batch = _ready(desk, batch_id, actor)
    found = list(desk.session.execute(_ONE, {"id": batch.id, "order_id": order_id}))
    if not found:
        raise Late("这一单已经撤销过了")
    if int(batch.said.get("total", 1)) == 1:
        return undo(desk, batch_id, actor)
    _back(desk, batch, found, actor, wait=True)
    store.changed(desk, batch)
    return batch


def what_became(desk: Desk, batch: Batch) -> tuple[int, str]:
    """Of a batch of one: its order, and why it could not be taken back, "" where it was."""
    row = desk.session.execute(_WHAT, {"id": batch.id}).one()
    return row.order_id, f"{row.tag} {row.why}" if row.why else ""


def _ready(desk: Desk, batch_id: int, actor: Actor) -> Batch:
    batch = store.locked(desk, batch_id)
    if batch.verb in NEVER:
        raise Late(NEVER[batch.verb])
    permissions.check(desk, BATCHES[batch.verb].permit, actor)
    if batch.state == "asked":
        raise Late("还没有确认，什么都没有动")
    if batch.state not in ("running", "done"):
        who = batch.said.get(running.SAID_BY[batch.state], "")
        raise Late(f"{who}已经{'取消' if batch.state == 'cancelled' else '撤销'}了")
    if batch.acted_by != actor.staff_id and Role.SUPERVISOR not in actor.roles:
        raise Refusal(f"只有{batch.actor['name']}本人或主管可以撤销")
    if batch.undo_until is not None and batch.undo_until < desk.now:
        raise Late(TOO_LATE)
    return batch


def go_on(desk: Desk, batch_id: int, most: int = running.CHUNK) -> bool:
    """A worker's turn: the next chunk is taken back. False when nothing is left to it."""
    batch = store.free(desk, batch_id)
    if batch is None or batch.state != "undoing":
        return False
    _chunk(desk, batch, wait=True, most=most)
    if store.counts(desk, batch.id).get("done"):
        return True
    _end(desk, batch)
    return False


def _chunk(desk: Desk, batch: Batch, *, wait: bool, most: int = running.CHUNK) -> bool:
    found = list(running.next_of(desk, batch, "done", most).values())
    return not found or _back(desk, batch, found, store.unpacked(batch.actor), wait=wait)


def _back(desk: Desk, batch: Batch, found: Sequence[Row[Any]], actor: Actor, *, wait: bool) -> bool:
    """False where somebody holds one of the orders, and nothing was done; only without `wait`."""
    rows = orders.lock(desk, [one.order_id for one in found], wait=wait)
    if len(rows) < len(found):
        return False
    pieces = [Piece(rows[one.order_id], one.detail, dict(one.before), one.at) for one in found]
    since = [piece for piece, one in zip(pieces, found, strict=True) if piece.row.revision != one.made]
    _name_changes(desk, since)
    good = [piece for piece in pieces if not piece.why]
    if good:
        doing = BATCHES[batch.verb]
        doing.undo(desk, store.act_of(desk, batch, actor), good)
    running.settle(desk, batch, pieces, ("undone", "kept"))
    return True


def _name_changes(desk: Desk, pieces: Sequence[Piece]) -> None:
    said = orders.last_words(desk, [piece.row for piece in pieces]) if pieces else {}
    for piece in pieces:
        actor, action = said.get(piece.row.id, ("", ""))
        what = f"{actor}之后又{action}" if actor else "之后又有变化"
        piece.why = f"{what}，{running.where_now(piece.row)}"


def _end(desk: Desk, batch: Batch) -> None:
    batch.state = "undone"
    running.tell(desk, batch)
