"""备注: kept in the order's trail, shown with the order, and written into the marketplace's memo for the seller."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, text

from handlers import find, owe, shipping, show, trail
from handlers.batches import typed
from handlers.batches.notes import LONGEST, NOTE, flagged, without_flag
from handlers.batches.remember import remember
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import as_typed
from handlers.views import View
from handlers.wording import FLAGS
from models import sources
from models.stages import Stage

__all__ = ["COMMAND", "flagged"]

_BLANKS: Final = " ,，:：;；"
_CHANGED: Final = text("UPDATE orders SET revision = revision + 1 WHERE id = :id RETURNING revision, stage, platform")


def run(desk: Desk, request: Request, actor: Actor) -> View:
    many = typed.note_many(desk, request, actor)
    if many is not None:
        return many
    wanted, rest = find.first_in(request.rest)
    words = rest.strip(_BLANKS)
    if not words:
        raise Refusal(f"备注什么？请发：备注 {wanted.text} 内容")
    if len(words) > LONGEST:
        raise Refusal(f"备注最多 {LONGEST} 个字，现在有 {len(words)} 个")
    words = as_typed(request.incoming.text, words)
    line, flag = flagged(words)
    order_id = find.one(desk, wanted)
    without = without_flag(shipping.platform_of(desk, order_id), flag) if flag is not None else ""
    if without:
        flag = None  # what is never written is no part of the trail
    said = {"备注": line} | ({"旗帜": FLAGS[flag]} if flag is not None else {})
    trail.write_order(desk, order_id, actor=actor, action="备注", detail=said)
    order = desk.session.execute(_CHANGED, {"id": order_id}).one()
    owe.owe(desk, [owe.order_edit(order_id, order.revision)])
    shipping.owe_memo(desk, order_id, line, actor, flag=flag)
    remember(desk, actor, "note", order_id, revision=order.revision, words=words)
    return show.show_order(desk, order_id, actor, note=f"{actor.name}已备注{without}{_doubt(order)}")


def _doubt(order: Row[Any]) -> str:
    """No platform's documents say that it takes no memo of what was cancelled; whoever wrote it hears if one does."""
    over = order.stage == Stage.CANCELLED and sources.is_told(order.platform)
    return "；订单已取消，这里已记下，平台不收的话会告诉您" if over else ""


COMMAND = Command(
    ("备注", "记一下", "记录"),
    "备注 编号 内容",
    "给订单加备注，也写到平台备注",
    run,
    NOTE.permit,
    about_order=True,
    group=Group.ACT,
    example="备注 JD-20251222-001 客户要红色",
    brief="加备注",
    more=(
        "前后隔开写上 红旗 黄旗 绿旗 蓝旗 紫旗 就插旗，写 去旗 就取消",
        "几单写一样的：编号、编号 内容，也可以写范围、店铺或 全部，会先问一次",
    ),
)
