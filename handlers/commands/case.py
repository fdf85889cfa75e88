"""A7F2 完成: acts on a case by its short code, as its buttons would."""

from __future__ import annotations

from dataclasses import replace

from handlers import actions, codes, people, show
from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Press
from handlers.parse import CaseVerb, case_verb, day_in
from handlers.views import View
from handlers.wording import day_of

_HOW = "可以回复：{code} 认领 / 完成 / 转 人名 / +2h / 忽略 原因"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    case_id = codes.case_of(desk, request.code)
    subject = f"case:{case_id}"
    if not request.rest:
        return show.show(desk, subject, actor)
    verb = case_verb(request.rest)
    if verb is None:
        raise Refusal(f"「{request.rest[:20]}」看不懂。{_HOW.format(code=request.code)}")
    value, selected = _said(desk, verb, request.code)
    press = Press(verb.action, subject, 0, value, selected)
    return actions.press(desk, replace(request.incoming, press=press), actor)


def _said(desk: Desk, verb: CaseVerb, code: str) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The value and the choices that the buttons would have carried."""
    if verb.action == "transfer":
        return "", {"person": (_person(desk, verb.rest, code),)}
    if verb.action == "delay" and verb.value == "accept" and verb.rest:
        day = day_in(verb.rest, day_of(desk.now))
        if day is None:
            raise Refusal(f"日期「{verb.rest[:20]}」看不懂，请发：{code} 改期 12-25")
        return verb.value, {"date": (day.isoformat(),)}
    if verb.action in ("solve", "dismiss"):
        return verb.rest[:60] or verb.value, {}
    return verb.value, {}


def _person(desk: Desk, name: str, code: str) -> str:
    everybody = people.staff(desk)
    found = people.named(everybody, name)
    if len(found) != 1:
        names = "、".join(person.name for person in found or everybody)
        raise Refusal(f"转给谁？请发：{code} 转 人名（{names}）")
    return str(found[0].id)


COMMAND = Command((), "短码 完成/认领/转 人名/+2h", "处理卡片上的事，例如：A7F2 完成", run)
