"""备注: kept in the order's trail, shown with the order, and written into the marketplace's memo for the seller."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import text

from handlers import find, owe, shipping, show, trail
from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import as_typed
from handlers.permissions import Permit
from handlers.views import View
from handlers.wording import FLAGS
from models import Role, sources

LONGEST = 200
_BLANKS: Final = " ,，:：;；"
_NUMBERS: Final = {name: number for number, name in FLAGS.items()} | dict.fromkeys(("去旗", "取消旗帜"), 0)
_APART: Final = r"\s,，.。:：;；、!！?？"
_FLAG: Final = re.compile(rf"(?:^|(?<=[{_APART}]))(?:{'|'.join(_NUMBERS)})(?=$|[{_APART}])")
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
    without = _without_flag(shipping.platform_of(desk, order_id), flag) if flag is not None else ""
    if without:
        flag = None  # what is never written is no part of the trail
    said = {"备注": line} | ({"旗帜": FLAGS[flag]} if flag is not None else {})
    trail.write_order(desk, order_id, actor=actor, action="备注", detail=said)
    revision = desk.session.execute(_CHANGED, {"id": order_id}).scalar_one()
    owe.owe(desk, [owe.order_edit(order_id, revision)])
    shipping.owe_memo(desk, order_id, line, actor, flag=flag)
    return show.show_order(desk, order_id, actor, note=f"{actor.name}已备注{without}")


def _without_flag(platform: str, flag: int) -> str:
    """Why the flag cannot be so there, for whoever meant it; "" where it can."""
    if not sources.is_told(platform):
        return "；这家店没有平台备注，旗帜没有写"
    if flag == 0 and platform in sources.UNTAKABLE:
        return f"；{sources.UNTAKABLE[platform]}的旗帜要到商家后台去掉，只写了备注"
    return f"；{sources.FLAGLESS[platform]}没有旗帜，只写了备注" if platform in sources.FLAGLESS else ""


def flagged(words: str) -> tuple[str, int | None]:
    """The note without the flag that it names, and the flag's number. A flag stands apart: 红旗渠香烟 is goods. A flag
    alone is its own note: 红旗."""
    found = _FLAG.search(words)
    if found is None:
        return words, None
    before, after = words[: found.start()].rstrip(_BLANKS + "\n"), words[found.end() :].lstrip(_BLANKS + "\n")
    line = "，".join(part for part in (before, after) if part)
    return line or found[0], _NUMBERS[found[0]]


COMMAND = Command(
    ("备注", "记一下", "记录"),
    "备注 编号 内容",
    "给订单加备注，记入轨迹，也写到平台备注；前后隔开写上 红旗 黄旗 绿旗 蓝旗 紫旗 就插旗，写 去旗 就取消",
    run,
    Permit("备注", frozenset({Role.SERVICE})),
    about_order=True,
)
