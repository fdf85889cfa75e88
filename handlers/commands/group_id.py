"""群号: the chat id that the settings want for the home group."""

from __future__ import annotations

from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.permissions import Permit
from handlers.views import TextView, View
from models import Role


def run(desk: Desk, request: Request, actor: Actor) -> View:
    if not request.incoming.is_group:
        raise Refusal("群号要在群里问：把机器人拉进群，在群里说「@机器人 群号」")
    return TextView(f'这个群的群号：`{request.incoming.chat}`\n填进 `hub.toml` 的 `[bot]` 里：`group = "…"`，再重启')


COMMAND = Command(
    ("群号", "群id", "chatid"),
    "群号",
    "在群里问：这个群的编号，供配置用",
    run,
    Permit("查群号", frozenset({Role.SUPERVISOR})),
    asks=True,
)
