"""备注: kept in the order's trail, shown with the order, and written into the marketplace's memo for the seller."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from handlers import find, owe, shipping, show, trail
from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import as_typed
from handlers.permissions import Permit
from handlers.views import View
from handlers.wording import FLAGS
from models import Role

LONGEST = 200
_BLANKS: Final = " ,，:：;；"
_NUMBERS: Final = {name: number for number, name in FLAGS.items()}
_CHANGED: Final = text("UPDATE orders SET revision = revision + 1 WHERE id = :id RETURNING revision")


def run(desk: Desk, request: Request, actor: Actor) -> View:
    wanted, rest = find.first_in(request.rest)
    words = rest.strip(_BLANKS)
    if not words:
        raise Refusal(f"备注什么？请发：备注 {wanted.text} 内容")
    if len(words) > LONGEST:
        raise Refusal(f"备注最多 {LONGEST} 个字，现在有 {len(words)} 个")
    line, flag = flagged(as_typed(request.incoming.text, words))
    order_id = find.one(desk, wanted)
    said = {"备注": line} | ({"旗帜": FLAGS[flag]} if flag is not None else {})
    trail.write_order(desk, order_id, actor=actor, action="备注", detail=said)
    revision = desk.session.execute(_CHANGED, {"id": order_id}).scalar_one()
    owe.owe(desk, [owe.order_edit(order_id, revision)])
    shipping.owe_memo(desk, order_id, line, actor, flag=flag)
    return show.show_order(desk, order_id, actor, note=f"{actor.name}已备注")


def flagged(words: str) -> tuple[str, int | None]:
    """The note without the flag that is named before or behind it, and the flag's number. A flag alone is its own
    note: 红旗."""
    for name, number in _NUMBERS.items():
        if words.startswith(name) or words.endswith(name):
            line = (words.removeprefix(name) if words.startswith(name) else words.removesuffix(name)).strip(_BLANKS)
            return line or name, number
    return words, None


COMMAND = Command(
    ("备注", "记一下", "记录"),
    "备注 编号 内容",
    "给订单加备注，记入轨迹，也写到平台备注；内容前后加 红旗 黄旗 绿旗 蓝旗 紫旗 就插旗",
    run,
    Permit("备注", frozenset({Role.SERVICE})),
    about_order=True,
)
