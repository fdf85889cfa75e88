"""恢复: a stopped shop is read again, when its cause is gone."""

from __future__ import annotations

from handlers import shops
from handlers.commands.command import Command, Group, Request
from handlers.completeness import which_shop
from handlers.desk import Actor, Desk
from handlers.permissions import Permit
from handlers.views import TextView, View
from models import Role


def run(desk: Desk, request: Request, actor: Actor) -> View:
    shop = which_shop.which(desk, request.rest)
    if not shops.is_stopped(desk, shop.id):
        return TextView(f"{shop.name}没有停止，照常同步中")
    shops.resume(desk, shop.slug, actor)
    return TextView(f"{shop.name}已恢复，马上从断点续拉，不会漏单。如果授权还没有换好，会再次停止并提醒您")


COMMAND = Command(
    ("恢复", "恢复同步"),
    "恢复 店铺",
    "重新授权后，让停止的店铺继续同步",
    run,
    Permit("恢复", frozenset({Role.SUPERVISOR})),
    group=Group.STEER,
    example="恢复 tb",
    brief="重新同步",
)
