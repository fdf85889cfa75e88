"""群号: the chat id that the settings want for the home group."""

from __future__ import annotations

from typing import Final

from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.permissions import Permit
from handlers.views import TextView, View
from models import Role
from models.people import platform_of

_SECTIONS: Final = {"wecom": "[bot]", "dingtalk": "[dingtalk]"}


def run(desk: Desk, request: Request, actor: Actor) -> View:
    if not request.incoming.is_group:
        raise Refusal("群号要在群里问：把机器人拉进群，在群里说「@机器人 群号」")
    section = _SECTIONS.get(platform_of(request.incoming.channel), "[bot]")
    return TextView(
        f'这个群的群号：`{request.incoming.chat}`\n填进 `hub.toml` 的 `{section}` 里：`group = "…"`，再重启'
    )


COMMAND = Command(
    ("群号", "群id", "chatid"),
    "群号",
    "在群里问：这个群的编号，供配置用",
    run,
    Permit("查群号", frozenset({Role.SUPERVISOR})),
    asks=True,
    group=Group.STEER,
    example="群号",
    brief="群编号",
)
