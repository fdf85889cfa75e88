"""积压: how much lies where; of one stage or shop."""

from __future__ import annotations

from typing import Final

from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk
from handlers.permissions import Permit
from handlers.reports import scope
from handlers.reports.backlog import backlog
from handlers.views import View

_HOW: Final = "请发：积压，或 积压 待发货、积压 京东、积压 待审核 京东"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    return backlog(desk, scope.whole(desk, request.rest, _HOW))


COMMAND = Command(
    ("积压", "压单", "堆积"),
    "积压 [环节] [店铺]",
    "每个环节压了多少单、多久、多少钱",
    run,
    Permit("积压"),
    asks=True,
    group=Group.ASK,
    example="积压 待发货",
    brief="压了多少",
    more=("环节写 待审核、待配货、待发货；店铺写店名、代号或平台，例如：积压 京东",),
)
