"""批7 确认: a batch by its number, as its buttons would."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from handlers import pressing, show
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Press
from handlers.permissions import Permit
from handlers.views import View

_SAID: Final = re.compile(r"(\d{1,12})\s*(.*)", re.DOTALL)
_WORDS: Final = {
    **dict.fromkeys(("确认", "是", "好", "好的", "可以", "ok"), "batch_confirm"),
    **dict.fromkeys(("取消", "不要", "算了"), "batch_cancel"),
    **dict.fromkeys(("撤销", "撤回", "撤消"), "batch_undo"),
}


def run(desk: Desk, request: Request, actor: Actor) -> View:
    found = _SAID.fullmatch(request.rest.strip())
    if found is None:
        raise Refusal("请写批次号，例如：批7 确认；要批量处理请发：审核 全部、审核 JD 001-020")
    subject = f"batch:{int(found[1])}"
    words = found[2].strip().lower()
    if not words:
        return show.show(desk, subject, actor)
    if words not in _WORDS:
        raise Refusal(f"「{words[:20]}」看不懂。可以回复：批{found[1]} 确认 / 批{found[1]} 取消 / 批{found[1]} 撤销")
    press = Press(_WORDS[words], subject, 0)
    return pressing.press(desk, replace(request.incoming, press=press), actor)


COMMAND = Command(
    ("批次", "批"),
    "批7 确认/取消/撤销",
    "回答一次批量操作的询问，7 是卡片上的批次号",
    run,
    Permit("批量处理"),
    group=Group.ACT,
    example="批7 确认",
    brief="答批量",
)
