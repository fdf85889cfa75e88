"""备注: kept in the order's trail, shown with the order."""

from __future__ import annotations

from sqlalchemy import text

from handlers import find, owe, show, trail
from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import as_typed
from handlers.permissions import Permit
from handlers.views import View
from models import Role

LONGEST = 200


def run(desk: Desk, request: Request, actor: Actor) -> View:
    wanted, rest = find.first_in(request.rest)
    words = rest.strip(" ,，:：")
    if not words:
        raise Refusal(f"备注什么？请发：备注 {wanted.text} 内容")
    if len(words) > LONGEST:
        raise Refusal(f"备注最多 {LONGEST} 个字，现在有 {len(words)} 个")
    words = as_typed(request.incoming.text, words)
    order_id = find.one(desk, wanted)
    trail.write_order(desk, order_id, actor=actor, action="备注", detail={"备注": words})
    revision = desk.session.execute(
        text("UPDATE orders SET revision = revision + 1 WHERE id = :id RETURNING revision"), {"id": order_id}
    ).scalar_one()
    owe.owe(desk, [owe.order_edit(order_id, revision)])
    return show.show_order(desk, order_id, actor, note=f"{actor.name}已备注")


COMMAND = Command(
    ("备注", "记一下", "记录"),
    "备注 编号 内容",
    "给订单加备注，记入轨迹",
    run,
    Permit("备注", frozenset({Role.SERVICE})),
    about_order=True,
)
