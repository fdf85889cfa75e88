"""超时: what is late, the worst first."""

from __future__ import annotations

from typing import Final

from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk
from handlers.permissions import Permit
from handlers.reports import scope
from handlers.reports.overdue import overdue
from handlers.views import View

_HOW: Final = "请发：超时，或 超时 待发货、超时 京东"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    return overdue(desk, scope.whole(desk, request.rest, _HOW))


COMMAND = Command(
    ("超时", "临期", "要超时"),
    "超时 [环节] [店铺]",
    "超时和快到发货期限的单，最急的在前",
    run,
    Permit("超时"),
    asks=True,
    group=Group.ASK,
    example="超时",
    brief="快到期",
    more=(
        "离平台发货期限：已超；危险 1 小时内；紧急 4 小时内；预警 12 小时内",
        "环节停留超过上限的也在里面；还有认领后没按时办好的异常",
    ),
)
