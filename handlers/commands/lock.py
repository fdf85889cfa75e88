"""锁定: an order stays where it is until somebody unlocks it."""

from __future__ import annotations

from handlers.batches import typed
from handlers.batches.verbs import BATCHES
from handlers.commands.command import Command, Group

COMMAND = Command(
    ("锁定", "锁单", "冻结"),
    "锁定 编号 原因",
    "锁住订单，解锁前不能往下走",
    typed.lock,
    BATCHES["lock"].permit,
    about_order=True,
    group=Group.ACT,
    example="锁定 JD-20251222-001 客户说先别发",
    brief="先别动",
    more=("可以写几个编号、范围（001-020）、店铺或 全部，会先问一次", "异常自己上的锁不归这里管，处理完会自动解开"),
)
