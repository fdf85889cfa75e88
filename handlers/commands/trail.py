"""轨迹: who did what, when."""

from __future__ import annotations

from dataclasses import replace

from handlers import find, trail
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk
from handlers.parse import leading, without_chatter
from handlers.permissions import Permit
from handlers.supply import parcel_news
from handlers.views import View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    named = leading(request.rest)
    rest = without_chatter(request.rest) if named is None or named[0].kind == "name" else request.rest
    order_id = find.one(desk, find.one_in(desk, rest or request.rest, "看")[0])
    return replace(trail.of_order(desk, order_id), parcels=parcel_news.ways(desk, order_id))


COMMAND = Command(
    ("轨迹", "记录轨迹", "日志", "历史"),
    "轨迹 编号",
    "订单的每一步，和包裹的路程",
    run,
    Permit("轨迹"),
    about_order=True,
    asks=True,
    group=Group.ASK,
    example="轨迹 JD-20251222-001",
    brief="每步和物流",
    more=("谁、什么时候、做了什么，都记着，改不了",),
)
