"""入库: goods came in, so many more of a SKU."""

from __future__ import annotations

import re
from typing import Final

from handlers import permissions, shelf, stock
from handlers.commands.command import Command, Group, Request
from handlers.commands.stock import COUNT, MOST
from handlers.desk import Actor, Desk, Refusal
from handlers.views import View

_SAID: Final = re.compile(r"(\S+?)[ :：x×*+]+(\d{1,9}) ?[件个]?")
_HOW: Final = "请发：入库 SKU 件数，例如：入库 QH-CUP-RED 20；写总数请用：库存 QH-CUP-RED 现有总数"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    permissions.check(desk, COUNT, actor)
    found = _SAID.fullmatch(request.rest)
    if found is None:
        raise Refusal(f"「{request.rest[:20]}」看不懂。{_HOW}" if request.rest else _HOW)
    sku, pieces = stock.known(desk, found[1]), int(found[2])
    if sku is None:
        raise Refusal(f"没有 SKU「{found[1][:40]}」，请核对商家编码。是新货的话先发：库存 {found[1][:40]} 0 确认")
    if not 0 < pieces <= MOST:
        raise Refusal(f"{pieces} 件不对，请核对数量。{_HOW}")
    return shelf.take_in(desk, sku, pieces, actor)


COMMAND = Command(
    ("入库", "到货入库"),
    "入库 SKU 件数",
    "到了多少货，缺货的单自动放行",
    run,
    COUNT,
    group=Group.STEER,
    example="入库 QH-CUP-RED 20",
    brief="到货",
    more=("在原来的数上加；要改成盘点的总数请用：库存 SKU 现有总数",),
)
