"""An import taken back: the orders that it made and that nobody has touched since are cancelled. What was handed in
stays, so the same file can be imported again, and then its orders live on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select, text

from handlers import permissions, trail
from handlers.desk import SYSTEM, Actor, Desk, Refusal
from handlers.received import changing, doubled, received
from models import Received, Role
from models.received import State

LIMIT: Final = timedelta(hours=24)
STATUS: Final = "导入已撤销"

# Untouched: no person did anything to it, no later file said anything else of it, nothing was shipped.
_UNTOUCHED: Final = text("""
    SELECT o.id, o.shop_id, o.external_id, o.tag, o.trail_hash FROM orders o
    WHERE o.id = ANY(:ids) AND o.stage IN ('unpaid', 'pending_review') AND o.modified_at BETWEEN :since AND :at
        AND NOT EXISTS (SELECT FROM trail t
            WHERE t.subject = 'order:' || o.shop_id || ':' || o.external_id AND t.actor_id IS NOT NULL
                AND t.action <> '撤销导入')
    ORDER BY o.id FOR NO KEY UPDATE OF o
""")
_TAKEN_BACK: Final = text("""
    SELECT o.id, o.shop_id, o.external_id, o.tag, o.trail_hash FROM orders o
    WHERE o.id = ANY(:ids) AND o.stage = 'cancelled' AND o.effect = 'admit' ORDER BY o.id FOR NO KEY UPDATE OF o
""")


def undo(desk: Desk, file: Received, actor: Actor) -> str:
    """What was taken back, and what not. Raises Refusal."""
    permissions.check(desk, received.PERMIT, actor)
    if file.state != State.DONE or not file.report or file.ready_at is None:
        raise Refusal("这个文件没有可以撤销的导入")
    if actor.staff_id != file.received_by and Role.SUPERVISOR not in actor.roles:
        raise Refusal(f"只有{received.who(desk, file)}本人或主管可以撤销")
    if desk.now - file.ready_at > LIMIT:
        raise Refusal("导入已超过 24 小时，不能整批撤销了，请逐单处理")
    made = list(file.report["ids"])
    since = file.received_at.replace(microsecond=0)
    rows = desk.session.execute(_UNTOUCHED, {"ids": made, "since": since, "at": file.ready_at}).all()
    if not rows:
        raise Refusal("这次导入的订单都已经有人处理过或又更新过，没有可以撤销的，请逐单处理")
    changing.cancel(desk, rows, actor, action="撤销导入", detail={"文件": file.name}, status=STATUS)
    ids = [row.id for row in rows]
    doubled.over(desk, ids)
    file.state, file.ready_at = State.UNDONE, None
    file.report = {**file.report, "undone": ids, "touched": len(made) - len(ids)}
    trail.write(desk, received.subject(file), actor, action="撤销导入", detail={"撤销": len(ids)})
    return said(file.report)


def said(report: Mapping[str, Any]) -> str:
    left = report.get("touched", 0)
    kept = f"；{left} 单已经有人处理过或又更新过，没有动" if left else ""
    return f"已撤销：{len(report['undone'])} 单取消{kept}"


def revive(desk: Desk, file: Received, ids: Sequence[int]) -> list[int]:
    """Of a file's orders those that an undo had cancelled wait for review again; their ids."""
    reports = select(Received.report).where(Received.shop_id == file.shop_id, Received.report.has_key("undone"))
    undone = {order_id for report in desk.session.scalars(reports) for order_id in (report or {}).get("undone", [])}
    rows = desk.session.execute(_TAKEN_BACK, {"ids": sorted(undone.intersection(ids))}).all()
    if rows:
        changing.revive(desk, rows, SYSTEM, action="重新导入", detail={"文件": file.name})
    return [row.id for row in rows]
