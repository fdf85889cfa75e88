"""换货: other goods for an order's, to the same receiver; waits for what comes back."""

from __future__ import annotations

from handlers.commands.command import Command, Group, Request, with_shop
from handlers.desk import Actor, Desk
from handlers.drafts.drafts import MAKE
from handlers.related import mending
from handlers.views import View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    return mending.begin(desk, request.rest, actor, "exchange")


COMMAND = Command(
    ("换货", "换码", "换色"),
    "换货 编号 [SKU 数量] [原因]",
    "换一件发给原收件人，退货入库后才发",
    run,
    MAKE,
    about_order=True,
    group=Group.ACT,
    example="换货 JD-20251222-001 QH-CUP-BLU 1 颜色拍错",
    brief="换一件",
    there=with_shop("chat"),
)
