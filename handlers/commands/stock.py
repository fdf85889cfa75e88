"""库存: what lies there of a SKU and who waits for it; with a number, what was counted; alone, what is short."""

from __future__ import annotations

import re
from typing import Final

from handlers import permissions, shelf, stock
from handlers.commands.command import Command, Group, Looking, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import without_chatter
from handlers.permissions import Permit
from handlers.reports import shortage
from handlers.views import View
from models import Role

COUNT: Final = Permit("改库存", frozenset({Role.PURCHASING}))
CONFIRMED: Final = "确认"
MOST: Final = 999_999

_NUMBER: Final = re.compile(r"(\d{1,9}) ?[件个]?")
_HOW: Final = "查库存请发：库存 SKU；盘点或到货后请发：库存 SKU 现有总数"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    words = request.rest.split()
    confirmed = len(words) > 1 and words[-1] == CONFIRMED
    words = words[:-1] if confirmed else words
    if len(words) == 1 and stock.known(desk, words[0]) is None:  # 库存够吗, 库存还有多少QH-CUP-RED
        words = without_chatter(words[0]).split()
    if not words:
        return shortage.short(desk)
    if len(words) == 1:
        return _shown(desk, words[0])
    found = _NUMBER.fullmatch(" ".join(words[1:]))
    if found is None:
        raise Refusal(f"「{' '.join(words[1:])[:20]}」看不懂。{_HOW}")
    permissions.check(desk, COUNT, actor)
    pieces = int(found.group(1))
    if pieces > MOST:
        raise Refusal(f"{pieces} 件太多了，请核对数量")
    return shelf.recount(desk, _to_count(desk, words[0], pieces, confirmed=confirmed), pieces, actor)


def _shown(desk: Desk, word: str) -> View:
    """By the SKU itself, else by a part of it or of what the goods are called."""
    found = stock.known(desk, word)
    called = [found] if found is not None else shortage.called(desk, word)
    if not called:
        raise Refusal(f"没有 SKU「{word[:40]}」，也没有叫这个名字的货在等发，请核对商家编码")
    return shelf.show(desk, called[0]) if len(called) == 1 else shortage.choices(desk, word, called)


def _to_count(desk: Desk, sku: str, pieces: int, *, confirmed: bool) -> str:
    """A SKU that neither the shelf nor an order knows is more often mistyped than new."""
    found = stock.known(desk, sku)
    if found is None and not confirmed:
        raise Refusal(f"没有 SKU「{sku[:40]}」，请核对商家编码。是新货的话请发：\n库存 {sku} {pieces} {CONFIRMED}")
    return found or sku


COMMAND = Command(
    ("库存", "盘点"),
    "库存 [SKU] [现有总数]",
    "还有多少，哪些单在等",
    run,
    Permit("查库存"),
    group=Group.ASK,
    example="库存 QH-CUP-RED",
    brief="还有几件",
    more=(
        "只发「库存」列出缺货的；也可以写货名的一部分：库存 马克杯",
        "采购写上总数就是盘点：库存 QH-CUP-RED 40",
    ),
    changes=COUNT,
    looking=Looking("库存 SKU", "还有多少，哪些单在等", "库存 QH-CUP-RED"),
)
