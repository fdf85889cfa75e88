"""重发消息: what did not arrive is sent once more."""

from __future__ import annotations

import re
from typing import Final

from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.letters import lost
from handlers.parse import normal
from handlers.permissions import Permit
from handlers.views import TextView, View
from models import Role

_ONE: Final = re.compile(r"#?(\d{1,15})\s*(同类|全部)?\s*(确认)?")
_ALL: Final = re.compile(r"(?:全部|所有)\s*(确认)?")
_HOW: Final = "重发哪一条？发「未送达」看编号，再发：重发消息 编号，或 重发消息 编号 同类"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    return TextView(lost.again(desk, actor, _asked(normal(request.rest))), private=True)


def _asked(line: str) -> lost.Asked:
    if one := _ONE.fullmatch(line):
        return lost.Asked(int(one[1]), alike=bool(one[2]), sure=bool(one[3]))
    if everything := _ALL.fullmatch(line):
        return lost.Asked(0, alike=True, sure=bool(everything[1]))
    raise Refusal(_HOW)


COMMAND = Command(
    ("重发消息", "消息重发", "再发消息"),
    "重发消息 编号 [同类]",
    "把没送到的消息再发一次",
    run,
    Permit("重发消息", frozenset({Role.SUPERVISOR})),
    group=Group.STEER,
    example="重发消息 123 同类",
    brief="再发一次",
    more=("编号在「未送达」里；写 同类 就把同样原因的一起重发，超过 2 条先报数、再确认",),
)
