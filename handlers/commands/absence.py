"""请假, 销假: somebody is away, and what lies with them is not forgotten."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from handlers import people, pressing, show
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.duty import absences, periods, show_absence
from handlers.incoming import Press
from handlers.people import Person
from handlers.views import View

_DEPUTY: Final = re.compile(r"(?:交给|转给|由|请)\s*([^\s,，。]{1,12}?)\s*(?:代班|代办|代|顶班|处理)?(?=$|[\s,，。])")
_BETWEEN: Final = " ,，。:："
_BACK: Final = ("取消", "撤销", "销假")
_CODE: Final = re.compile(r"(\d{1,12})[ ,，。:：]*(销假|取消请假|取消|撤销|撤回|)")


def run(desk: Desk, request: Request, actor: Actor) -> View:
    everybody = people.staff(desk)
    rest = request.rest.strip(_BETWEEN)
    if (code := code_in(rest)) is not None:
        return _by_code(desk, request, actor, code)
    if rest.startswith(_BACK):
        return _end(desk, rest[2:], actor, everybody)
    person, rest = _person(rest, actor, everybody)
    deputy, rest = _deputy(rest, everybody)
    period, reason = periods.read(rest, desk.now)
    absence_id = absences.ask(desk, actor, person, period, reason=reason, deputy=deputy)
    return show_absence.show(desk, absence_id, actor)


def end(desk: Desk, request: Request, actor: Actor) -> View:
    if (code := code_in(request.rest)) is not None:
        return _by_code(desk, request, actor, (code[0], "销假"))
    return _end(desk, request.rest, actor, people.staff(desk))


def code_in(rest: str) -> tuple[int, str] | None:
    """请假5 销假: the number of the absence and what is said of it, "" for nothing; None for days and reasons."""
    found = _CODE.fullmatch(rest.strip(_BETWEEN))
    return (int(found[1]), found[2]) if found else None


def _by_code(desk: Desk, request: Request, actor: Actor, said: tuple[int, str]) -> View:
    """As the button of the card with that code; the code alone shows the card."""
    subject = f"absence:{said[0]}"
    if not said[1]:
        return show.show(desk, subject, None if request.incoming.is_group else actor)
    press = Press("end_absence", subject, 0)
    return pressing.press(desk, replace(request.incoming, press=press), actor)


def _end(desk: Desk, rest: str, actor: Actor, everybody: Sequence[Person]) -> View:
    name = rest.strip(_BETWEEN)
    person = people.one_named(everybody, name, ask="销假") if name else _self(actor, everybody)
    absence_id = absences.current(desk, person.id)
    if absence_id is None:
        raise Refusal(f"{person.name}没有请假")
    try:
        note = absences.withdraw(desk, absence_id, actor)
    except Late as late:
        note = str(late)
    return show_absence.show(desk, absence_id, actor, note=note)


def _person(rest: str, actor: Actor, everybody: Sequence[Person]) -> tuple[Person, str]:
    """Whose absence it is: a colleague named first, else the person who asks. Raises Refusal for a name of nobody."""
    first = re.match(r"[^\s,，\d]+", rest)
    word = first[0] if first else ""
    known = sorted((one for one in everybody if word.startswith(one.name)), key=lambda one: -len(one.name))
    if known:
        return known[0], rest[len(known[0].name) :].strip(_BETWEEN)
    behind = rest[len(word) :].strip(_BETWEEN)
    if word and not periods.begins_with_day(rest) and periods.begins_with_day(behind):
        if not people.named(everybody, word):
            raise Refusal(f"没有叫「{word[:20]}」的同事；原因请写在日期后面，例如：请假 12-25 {word[:20]}")
        return people.one_named(everybody, word, ask="请假的是"), behind
    return _self(actor, everybody), rest


def _self(actor: Actor, everybody: Sequence[Person]) -> Person:
    found = next((one for one in everybody if one.id == actor.staff_id), None)
    if found is None:
        raise Refusal("请写上是谁请假，例如：请假 小李 12-25 至 12-26")
    return found


def _deputy(rest: str, everybody: Sequence[Person]) -> tuple[Person | None, str]:
    """交给 老王, wherever it stands. 请 and 由 count only before a colleague's name: they are words of reasons too."""
    for found in _DEPUTY.finditer(rest):
        sure = found[0].startswith(("交给", "转给"))
        if not sure and not people.named(everybody, found[1]):
            continue
        without = f"{rest[: found.start()]} {rest[found.end() :]}".strip(_BETWEEN)
        return people.one_named(everybody, found[1], ask="交给"), without
    return None, rest


COMMAND = Command(
    ("请假", "休假"),
    "请假 [人名] 日期 [至 日期] [原因] [交给 人名]",
    "请假期间不派事、不打扰；手上的事放回待认领，或交给代办的同事",
    run,
    absences.ASK,
    group=Group.PEOPLE,
    example="请假 12-25 至 12-26 回老家 交给 老王",
    brief="不派事",
    more=(
        "日期可以写 明天、12-25、12-25 3天、12-25 14:00 至 18:00、明天下午",
        "给别人请假由主管操作，例如：请假 小李 明天",
        "发「销假」撤销，没人动过的事会还回来",
        "卡片上的编号一直有效：请假5 看现状，请假5 销假 撤销这一次",
    ),
)
END = Command(
    ("销假", "取消请假"),
    "销假 [人名]",
    "撤销请假，没人动过的事还回来",
    end,
    absences.ASK,
    group=Group.PEOPLE,
    example="销假",
    brief="回来了",
)
