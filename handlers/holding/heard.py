"""Who hears of an intercept, and when: said to whoever asked for it, so that nobody waits for somebody who sleeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from handlers import people
from handlers.desk import Desk
from handlers.duty import duty, quiet
from handlers.people import Person
from handlers.wording import moment
from models import Case, Role
from models.people import ROLE_TITLES

_CALL: Final = "包裹马上要走的请直接打电话"
When = Sequence[tuple[Person, datetime | None]]
"""With each the moment; None: at once."""


def words(desk: Desk, case_id: int) -> str:
    """已通知仓库老王，2 分钟没有回复结果就找主管陈姐; at night who hears in the morning only."""
    case = desk.session.get_one(Case, case_id, populate_existing=True)
    roster, everybody = duty.roster(desk), people.staff(desk)
    first = _first(roster, everybody, case, desk.now)
    minutes = case.steps[1]["after"]
    later = replace(desk, now=desk.now + timedelta(minutes=minutes))
    then = [one for one in people.with_role(everybody, Role.SUPERVISOR) if one not in first]
    at_once = _heard(desk, case_id, first)
    next_up = _heard(later, case_id, then)
    told, up = _now(at_once), _now(next_up)
    calls = f"，{minutes} 分钟没有回复结果就找{_named(up)}" if up else ""
    if any(Role.WAREHOUSE in one.roles for one in told):
        return f"已锁定，已通知{_named(told)}{calls or _later(next_up)}"
    asleep = _later([*at_once, *next_up])
    if not told and not up:
        return f"已锁定，系统里不能发货。现在没有人收得到：{asleep.removeprefix('，')}，{_CALL}"
    who = f"已通知{_named(told)}{calls}" if told else f"{minutes} 分钟后通知{_named(up)}"
    return f"已锁定，系统里不能发货。{who}{asleep}，{_CALL}"


def _first(roster: duty.Roster, everybody: Sequence[Person], case: Case, at: datetime) -> list[Person]:
    if "lead" not in case.steps[0]["tell"]:
        return roster.told_of(everybody, Role(case.role), at)
    lead = roster.lead_or_on_duty(everybody, Role(case.role), at)
    return [one for one in everybody if one.id in lead]


def _heard(desk: Desk, case_id: int, persons: Sequence[Person]) -> When:
    found = quiet.heard_at(desk, f"case:{case_id}", [one.id for one in persons])
    return [(one, found[one.id]) for one in persons]


def _now(when: When) -> list[Person]:
    return [one for one, at in when if at is None]


def _later(when: When) -> str:
    """，仓库老王 12-23 09:00、主管陈姐 12-23 09:00 才收到; "" where all hear at once."""
    found = [f"{_titled(one)} {moment(at)}" for one, at in when if at is not None]
    return f"，{'、'.join(found)} 才收到" if found else ""


def _named(persons: Sequence[Person]) -> str:
    return "、".join(_titled(one) for one in persons)


def _titled(one: Person) -> str:
    role = next((role for role in (Role.WAREHOUSE, Role.SUPERVISOR) if role in one.roles), None)
    return f"{ROLE_TITLES[role]}{one.name}" if role is not None else one.name
