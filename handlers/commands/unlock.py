"""解锁: takes off the lock that a person put on; those of open exceptions stay."""

from __future__ import annotations

from handlers.batches import typed
from handlers.batches.verbs import BATCHES
from handlers.commands.command import Command, Group

COMMAND = Command(
    ("解锁", "解除锁定", "解冻"),
    "解锁 编号 [原因]",
    "解开人工锁定的订单",
    typed.unlock,
    BATCHES["unlock"].permit,
    about_order=True,
    group=Group.ACT,
    example="解锁 JD-20251222-001 客户同意发货",
    brief="可以动了",
    more=("谁的岗位锁的由谁的岗位解，主管都可以解", "解锁 全部：所有人工锁定的单，会先问一次"),
)
