"""库存: what lies there of a SKU and who waits for it; with a number, what was counted."""

from __future__ import annotations

import re
from typing import Final

from handlers import permissions, shelf, stock
from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.permissions import Permit
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
    if not words:
        raise Refusal(_HOW)
    if len(words) == 1:
        return shelf.show(desk, _known(desk, words[0]))
    found = _NUMBER.fullmatch(" ".join(words[1:]))
    if found is None:
        raise Refusal(f"「{' '.join(words[1:])[:20]}」看不懂。{_HOW}")
    permissions.check(desk, COUNT, actor)
    pieces = int(found.group(1))
    if pieces > MOST:
        raise Refusal(f"{pieces} 件太多了，请核对数量")
    return shelf.recount(desk, _to_count(desk, words[0], pieces, confirmed=confirmed), pieces, actor)


def _known(desk: Desk, sku: str) -> str:
    found = stock.known(desk, sku)
    if found is None:
        raise Refusal(f"没有 SKU「{sku[:40]}」，请核对商家编码")
    return found


def _to_count(desk: Desk, sku: str, pieces: int, *, confirmed: bool) -> str:
    """A SKU that neither the shelf nor an order knows is more often mistyped than new."""
    found = stock.known(desk, sku)
    if found is None and not confirmed:
        raise Refusal(f"没有 SKU「{sku[:40]}」，请核对商家编码。是新货的话请发：\n库存 {sku} {pieces} {CONFIRMED}")
    return found or sku


COMMAND = Command(
    ("库存", "盘点"),
    "库存 SKU [现有总数]",
    "查库存；采购写上总数就是盘点，例如：库存 QH-CUP-RED 40",
    run,
    Permit("查库存"),
)
