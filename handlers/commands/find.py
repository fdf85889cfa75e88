"""查: an order, by whatever it is called; several named, or meant, as a list."""

from __future__ import annotations

import re
from typing import Final

from handlers import find, listing, show
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.fields import finding
from handlers.parse import Reference, as_typed, reference, references, without_label
from handlers.permissions import Permit
from handlers.rulebook import finding as marked
from handlers.views import OrderListView, View

_POLITE: Final = re.compile(r"^(一 ?下|询) *")  # 查 一下, 查 询
_WHAT: Final = "查什么？请发：查 编号 / 平台单号 / 手机尾号 4 位 / 手机号 / 收件人姓名 / 运单号"
_NAMED: Final = 3


def run(desk: Desk, request: Request, actor: Actor) -> View:
    rest = without_label(_POLITE.sub("", request.rest))
    wanted = reference(rest)
    if wanted is not None and wanted[0].kind == "tag" and not wanted[1].strip():
        view = show.show_tag(desk, wanted[0].text, actor)
        if view is None:
            raise Refusal(find.not_found(wanted[0]))
        return view
    if wanted is None or wanted[0].kind == "name":
        typed = as_typed(request.incoming.text, rest)
        found = marked.find(desk, typed, actor) or finding.find(desk, typed, actor)
        if found is not None:
            return found
    named = _named(rest)
    if len(named) > 1 or any(one.kind == "range" for one in named):
        return _listed(desk, named, actor)
    if wanted is None and not named:
        raise Refusal(_WHAT)
    return _one(desk, wanted[0] if wanted is not None else named[0], actor)


def _one(desk: Desk, wanted: Reference, actor: Actor) -> View:
    ids = find.find(desk, wanted)
    if not ids:
        raise Refusal(find.not_found(wanted))
    if len(ids) == 1:
        return show.show_order(desk, ids[0], actor)
    return find.several(desk, wanted, ids)


def _named(rest: str) -> list[Reference]:
    """Every order that is named, one by one or as ranges. Raises Refusal for a whole shop."""
    found, _ = references(rest, many=True)
    wide = next((one for one in found if one.kind in ("shop", "all")), None)
    if wide is not None:
        raise Refusal(f"看{wide.text}积压了多少请发：积压{'' if wide.kind == 'all' else ' ' + wide.text}")
    return found


def _listed(desk: Desk, wanted: list[Reference], actor: Actor) -> View:
    ids, missing = find.each(desk, wanted)
    if not ids:
        raise Refusal(find.not_found(wanted[0]))
    if len(ids) == 1 and not missing:
        return show.show_order(desk, ids[0], actor)
    lost = "、".join(one.shown for one in missing[:_NAMED]) + (f" 等 {len(missing)} 个" if missing[_NAMED:] else "")
    return OrderListView(
        title="查到的订单",
        rows=listing.rows(desk, ids[: listing.SHOWN]),
        total=len(ids),
        hint=f"没有找到 {lost}" if missing else "回复完整编号查看",
    )


COMMAND = Command(
    ("查", "查询", "查一下", "查单", "找"),
    "查 编号/单号/尾号/姓名",
    "一个订单的现状",
    run,
    Permit("查"),
    about_order=True,
    asks=True,
    group=Group.ASK,
    example="查 JD-20251222-001",
    brief="看一单",
    more=(
        "编号可以只写末尾：001 是最近一天的 001，京东 001 是京东店的",
        "也可以写平台单号、运单号、手机号、手机尾号 4 位、收件人姓名；找到几单会列出来",
        "自己的字段也能查：查 礼盒=是，查 礼盒=是 等级=VIP；规则打的标记：查 标记 大额",
        "一次写几个编号、粘贴一列单号、写 001-020 都可以；只发编号也一样",
    ),
)
