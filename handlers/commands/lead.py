"""组长: who looks after the matters of a role that nobody has."""

from __future__ import annotations

from typing import Final

from handlers import people, permissions
from handlers.commands.command import Command, Group, Looking, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import duty, shifts, show_duty
from handlers.permissions import Permit
from handlers.views import TextView, View
from models import Role
from models.people import ROLE_TITLES

_CHANGE: Final = Permit("指定组长", frozenset({Role.SUPERVISOR}))
_BETWEEN = " ,，。:：是给"
_NOBODY = ("取消", "无", "没有")


def run(desk: Desk, request: Request, actor: Actor) -> View:
    rest = request.rest.strip(_BETWEEN)
    everybody = people.staff(desk)
    if not rest:
        leads = duty.roster(desk).leads
        named = {one.id: one.name for one in everybody}
        lines = [f"- {title}：{named.get(leads.get(role, 0), '没有指定')}" for role, title in ROLE_TITLES.items()]
        return TextView("\n".join(["**组长**", *lines, "> 主管可以改：组长 客服 陈姐；组长 客服 取消"]))
    permissions.check(desk, _CHANGE, actor)
    role = next((role for role in Role if rest.startswith(ROLE_TITLES[role])), None)
    if role is None:
        raise Refusal(f"哪个岗位的组长？请发：组长 客服 陈姐（岗位有 {'、'.join(ROLE_TITLES.values())}）")
    name = rest[len(ROLE_TITLES[role]) :].strip(_BETWEEN)
    if name in _NOBODY:
        shifts.lead(desk, actor, role, None)
        return show_duty.show(desk, note=f"{ROLE_TITLES[role]}不再指定组长")
    person = people.one_named(everybody, name, ask=f"做{ROLE_TITLES[role]}组长的有")
    shifts.lead(desk, actor, role, person)
    note = f"{person.name}是{ROLE_TITLES[role]}组长：没有人有空、没有人值班、一直没人认领的，都归{person.name}"
    return show_duty.show(desk, note=note)


COMMAND = Command(
    ("组长",),
    "组长 [岗位 人名]",
    "每个岗位没人管的事归谁；主管可以改，例如：组长 客服 陈姐",
    run,
    Permit("组长"),
    group=Group.PEOPLE,
    example="组长 客服 陈姐",
    brief="兜底的人",
    more=("组长 客服 取消：不指定，归主管", "包裹要拦截时，先只通知仓库组长，2 分钟没有回复再找主管"),
    changes=_CHANGE,
    looking=Looking("组长", "每个岗位没人管的事归谁", "组长"),
)
