"""已确认, 已到货 …: the matter is done."""

from __future__ import annotations

import re
from typing import Final

from handlers import cases
from handlers.actions.action import Action, Button, CaseState, Meant, Said, Then, case_id, press_of
from handlers.caselife import solving
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.kinds import OTHERS, kind_of
from handlers.parse.plain import ENDS, is_polite
from rules import RULES

_DONE: Final = re.compile(r"^[了啦咯喽]+(?=$|[\s,，.。!！~～…]|[哦噢啊呀哈吧谢辛])")
"""完成了, 搞定啦: no words of one's own; 了解过了 are."""


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    cases.solve(desk, case_id(pressed), actor, remark=pressed.value)
    return Then()


def _meant(_desk: Desk, said: Said) -> Meant:
    rest = _DONE.sub("", said.rest).strip(ENDS)
    return ("" if is_polite(rest) else rest[:60]), {}


def _on_case(case: CaseState) -> tuple[Button, ...]:
    solved = kind_of(case.kind).solved if solving.offered(case.kind, case.evidence) else ""
    # Beside 重试 it is the second choice.
    return (Button(solved, style="plain" if case.kind == "writeback_fail" else "main"),) if solved else ()


_WORDS = ("已确认", "已到货", "已处理", "处理好了", "完成", "好了", "搞定", "解锁", "已换面单", "done", "ok")
_BUTTONS = tuple(text for kind in (*RULES, *OTHERS) if (text := kind_of(kind).solved))
ACTION = Action(cases.SOLVE, press, words=dict.fromkeys((*_WORDS, *_BUTTONS), ""), meant=_meant, on_case=_on_case)
