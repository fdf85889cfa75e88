"""已确认, 已到货 …: the matter is done."""

from __future__ import annotations

from handlers import cases
from handlers.actions.action import Action, Button, CaseState, Meant, Said, Then, case_id, press_of
from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.kinds import OTHERS, kind_of
from rules import RULES


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    cases.solve(desk, case_id(pressed), actor, pressed.value)
    return Then()


def _meant(_desk: Desk, said: Said) -> Meant:
    return said.rest[:60], {}


def _on_case(case: CaseState) -> tuple[Button, ...]:
    solved = kind_of(case.kind).solved
    # Beside 重试 it is the second choice.
    return (Button(solved, style="plain" if case.kind == "writeback_fail" else "main"),) if solved else ()


_WORDS = ("已确认", "已到货", "已处理", "处理好了", "完成", "好了", "搞定", "解锁", "已换面单", "done", "ok")
_BUTTONS = tuple(text for kind in (*RULES, *OTHERS) if (text := kind_of(kind).solved))
ACTION = Action(cases.SOLVE, press, words=dict.fromkeys((*_WORDS, *_BUTTONS), ""), meant=_meant, on_case=_on_case)
