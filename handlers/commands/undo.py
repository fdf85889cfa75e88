"""撤销: takes back what one did last, within a minute."""

from __future__ import annotations

import re
from typing import Final

from handlers import find, show
from handlers.batches import undo
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.parse import leading, tag_in
from handlers.parse.plain import is_polite
from handlers.permissions import Permit
from handlers.views import TextView, View
from models import Batch

_BATCH: Final = re.compile(r"批(?:次)? ?(\d{1,12})")


def run(desk: Desk, request: Request, actor: Actor) -> View:
    try:
        return _undone(desk, request, actor)
    except Late as late:
        return TextView(str(late))


def _undone(desk: Desk, request: Request, actor: Actor) -> View:
    quoted = request.incoming.quoted
    said = "" if is_polite(request.rest) else request.rest
    named = _BATCH.match(said) or (_BATCH.search(quoted) if not said else None)
    if named is not None:
        return _all(desk, undo.undo(desk, int(named[1]), actor), actor)
    wanted = leading(said) or leading(tag_in(quoted))
    if wanted is None:
        return _all(desk, undo.undo(desk, undo.newest(desk, actor), actor), actor)
    if not is_polite(wanted[1]):
        raise Refusal("一次撤销一单或一批，没有动。请发：撤销 编号；撤一整批请发：撤销 批7（批次号在卡片上）")
    order_id = find.one(desk, wanted[0])
    undo.undo_one(desk, undo.of_order(desk, order_id), order_id, actor)
    return show.show_order(desk, order_id, actor, note=f"{actor.name}已撤销")


def _all(desk: Desk, batch: Batch, actor: Actor) -> View:
    """A batch of one is shown as the order that it was about."""
    if int(batch.said.get("total", 0)) > 1:
        return show.show(desk, f"batch:{batch.id}", actor)
    order_id, why = undo.what_became(desk, batch)
    if why:
        return TextView(why)
    return show.show_order(desk, order_id, actor, note=f"{actor.name}已撤销")


COMMAND = Command(
    ("撤销", "撤回", "撤消"),
    "撤销 [编号]",
    "60 秒内撤回刚做的一步或一批",
    run,
    Permit("撤销"),
    group=Group.ACT,
    example="撤销",
    brief="撤回刚才",
    more=(
        "撤销 编号：只撤这一单；撤销 批7：撤那一批",
        "之后又被别人动过的不撤，会一单单说明",
        "发货已经告诉平台的撤不回来",
    ),
)
