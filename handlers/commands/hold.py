"""延发: not before a day."""

from __future__ import annotations

from handlers.batches import typed
from handlers.batches.verbs import BATCHES
from handlers.commands.command import Command, Group

COMMAND = Command(
    ("延发", "延后发货", "延迟发货", "改期发货"),
    "延发 编号 日期 [原因]",
    "约定的日子之前不发，到日子提醒仓库",
    typed.hold,
    BATCHES["hold"].permit,
    about_order=True,
    group=Group.ACT,
    example="延发 JD-20251222-001 12-25 客户出差",
    brief="到日子再发",
    more=(
        "日期可以写 12-25、25号、明天、周五、下周一、3天后；不用再延：延发 编号 取消",
        "也写进平台备注；平台的发货期限不会因此变，会超时的先问您",
    ),
)
