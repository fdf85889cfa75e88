"""派单: whether new matters are given to somebody at once, or wait to be claimed."""

from __future__ import annotations

from typing import Final

from handlers import permissions
from handlers.assigning import mode
from handlers.commands.command import Command, Group, Looking, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.permissions import Permit
from handlers.tuning import limits
from handlers.views import TextView, View
from models import Role

_CHANGE: Final = Permit("改派单方式", frozenset({Role.SUPERVISOR}))
_WORDS: Final = {
    **dict.fromkeys(("自动", "自动派单", "开", "打开"), "auto"),
    **dict.fromkeys(("抢单", "认领", "关", "关闭", "手动"), "pool"),
}
_SAID: Final = {
    "auto": "自动：新的异常按岗位、擅长、手上件数、班次派给一个人，不派给请假的人；在班的都满了放待认领，组长照看",
    "pool": "抢单：新的异常放在待认领，谁先认领归谁",
}


def run(desk: Desk, request: Request, actor: Actor) -> View:
    rest = request.rest.strip(" ,，。:：")
    if not rest:
        return TextView(f"**派单**\n现在是{_SAID[mode.mode(desk)]}；每人最多 {mode.cap(desk)} 件（阈值 上限 可改）")
    permissions.check(desk, _CHANGE, actor)
    if rest not in _WORDS:
        raise Refusal(f"「{rest[:12]}」看不懂，请发：派单 自动，或 派单 抢单")
    limits.put(desk, actor, mode.MODE, _WORDS[rest])
    return TextView(f"派单改为{_SAID[_WORDS[rest]]}。马上生效，已经派出的不动；要撤销请发：阈值 撤销")


COMMAND = Command(
    ("派单", "派单方式"),
    "派单 [自动/抢单]",
    "新的异常是自动派给人，还是等人认领；主管可以改",
    run,
    Permit("派单"),
    group=Group.STEER,
    example="派单 自动",
    brief="派或抢",
    more=(
        "自动：先派给擅长的人，再看谁手上少；卡片上写明为什么派给他",
        "每人最多派几件：阈值 上限 15；谁擅长什么：擅长 小李 京东 退款",
        "不管哪种，一直没人认领的最后归组长或主管",
    ),
    changes=_CHANGE,
    looking=Looking("派单", "新的异常是自动派给人，还是等人认领", "派单"),
)
