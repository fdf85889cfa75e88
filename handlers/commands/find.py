"""查: an order, by whatever it is called."""

from __future__ import annotations

import re
from typing import Final

from handlers import find, show
from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import reference
from handlers.permissions import Permit
from handlers.views import View

_POLITE: Final = re.compile(r"^(一 ?下|询) *")  # 查 一下, 查 询


def run(desk: Desk, request: Request, actor: Actor) -> View:
    wanted = reference(_POLITE.sub("", request.rest))
    if wanted is None:
        raise Refusal("查什么？请发：查 编号 / 平台单号 / 手机尾号 4 位 / 手机号 / 收件人姓名")
    ids = find.find(desk, wanted[0])
    if not ids:
        raise Refusal(find.not_found(wanted[0]))
    if len(ids) == 1:
        return show.show_order(desk, ids[0], actor)
    return find.several(desk, wanted[0], ids)


COMMAND = Command(
    ("查", "查询", "查一下", "查单", "找"),
    "查 编号/单号/尾号/姓名",
    "查订单，例如：查 JD-20251222-001",
    run,
    Permit("查"),
    about_order=True,
    asks=True,
)
