"""绑定码: a picture that a buyer scans to be told of an order on the service account."""

from __future__ import annotations

from typing import Final

from handlers import find
from handlers.commands.command import Command, Group, Request
from handlers.customers import binding, state
from handlers.desk import Actor, Desk, Job, Refusal
from handlers.permissions import Permit
from handlers.views import TextView, View
from models import Role

_PERMIT: Final = Permit("绑定码", frozenset({Role.SERVICE}))


def run(desk: Desk, request: Request, actor: Actor) -> View:
    if desk.settings.weixin is None:
        raise Refusal("没有配置服务号，请管理员在 hub.toml 里写好 [weixin]")
    wanted, _ = find.one_in(desk, request.rest, "做")
    order_id = find.one(desk, wanted)
    binding.code_made(desk, order_id, actor)
    desk.ask_later(Job.BIND_CODE, order_id, actor.staff_id)
    return TextView(
        f"{state.order(desk, order_id).tag} 的绑定码正在生成，马上单独发给您；30 天内有效，请只发给买家本人"
    )


COMMAND = Command(
    ("绑定码", "二维码", "客户二维码"),
    "绑定码 编号",
    "生成一张二维码，买家用微信扫了就能收到这单的通知",
    run,
    _PERMIT,
    about_order=True,
    group=Group.ACT,
    example="绑定码 JD-20251222-001",
    brief="买家扫码",
    there=lambda settings: settings.weixin is not None,
)
