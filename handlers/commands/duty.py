"""值班: who is on duty; for supervisors also the shifts, and who leads a role."""

from __future__ import annotations

from typing import Final

from handlers import people, permissions
from handlers.commands.command import Command, Group, Looking, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import shifts, show_duty
from handlers.permissions import Permit
from handlers.views import View
from models import Role
from models.people import ROLE_TITLES

_ROLES: Final = {title: role for role, title in ROLE_TITLES.items()}
_LEADS: Final = ("负责人", "组长", "负责")
_BETWEEN: Final = " ,，。:："
_NOBODY: Final = ("取消", "无", "没有")


def run(desk: Desk, request: Request, actor: Actor) -> View:
    rest = request.rest.strip(_BETWEEN)
    if not rest:
        return show_duty.show(desk)
    permissions.check(desk, shifts.SET, actor)
    role = next((role for title, role in _ROLES.items() if rest.startswith(title)), None)
    if role is not None:
        return _lead(desk, actor, role, rest[len(ROLE_TITLES[role]) :].strip(_BETWEEN))
    everybody = people.staff(desk)
    known = sorted((one for one in everybody if rest.startswith(one.name)), key=lambda one: -len(one.name))
    if known:
        person, words = known[0], rest[len(known[0].name) :]
    else:
        name, _, words = rest.partition(" ")
        person = people.one_named(everybody, name, ask="排班的是")
    after = shifts.keep(desk, actor, person, shifts.read(words, desk))
    return show_duty.show(desk, note=f"{person.name}：{after}")


def _lead(desk: Desk, actor: Actor, role: Role, rest: str) -> View:
    """值班 仓库 负责人 老王; 值班 仓库 负责人 取消."""
    word = next((word for word in _LEADS if rest.startswith(word)), "")
    name = rest[len(word) :].strip(_BETWEEN)
    if not word:
        raise Refusal(f"要指定负责人请发：值班 {ROLE_TITLES[role]} 负责人 人名。{shifts.HOW}")
    if name in _NOBODY:
        shifts.lead(desk, actor, role, None)
        return show_duty.show(desk, note=f"{ROLE_TITLES[role]}不再指定负责人")
    person = people.one_named(people.staff(desk), name, ask="指定")
    shifts.lead(desk, actor, role, person)
    return show_duty.show(desk, note=f"没有人值班时，{ROLE_TITLES[role]}的急事找{person.name}")


COMMAND = Command(
    ("值班", "排班", "值班表", "排班表"),
    "值班 [人名 时间]",
    "谁在值班、这周怎么排；主管可以排班，例如：值班 小李 周一至周五 9-18",
    run,
    Permit("值班"),
    group=Group.PEOPLE,
    example="值班",
    brief="谁在班",
    more=(
        "排班：值班 小李 09:00-18:00（每天）；值班 小李 周六日 10-16；值班 小李 12-25 18-24（只这一天）",
        "不上班的日子：值班 小李 周日 休；值班 小李 12-25 休",
        "写 工作日 就按法定工作日和调休；第一次排班后，没写到的日子就是不上班",
        "值班 小李 默认 恢复默认时间；值班 仓库 负责人 老王 指定没有人值班时找谁",
        "不在班上的人不打扰，上班时一次发给他；只有发货时限快到的会叫值班的人",
    ),
    changes=shifts.SET,
    looking=Looking("值班", "谁在值班、这周怎么排", "值班"),
)
