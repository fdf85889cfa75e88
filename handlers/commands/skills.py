"""擅长: what somebody is good at, so that such matters go to them first."""

from __future__ import annotations

from typing import Final

from handlers import people, permissions
from handlers.assigning import skills
from handlers.commands.command import Command, Group, Looking, Request
from handlers.desk import Actor, Desk
from handlers.permissions import Permit
from handlers.views import TextView, View

_ALL: Final = ("全部", "都会", "取消", "无", "没有", "清空")


def run(desk: Desk, request: Request, actor: Actor) -> View:
    words = request.rest.replace("，", " ").replace("、", " ").replace(",", " ").split()
    everybody = people.staff(desk)
    if not words:
        known = skills.of_all(desk)
        lines = [f"- {one.name}：{skills.shown(desk, sorted(known.get(one.id, ())))}" for one in everybody]
        return TextView("\n".join(["**谁擅长什么**", *lines, "> 主管可以改：擅长 小李 京东 退款；擅长 小李 全部"]))
    person = people.one_named(everybody, words[0], ask="设置擅长")
    if len(words) == 1:
        return TextView(f"{person.name}擅长：{skills.shown(desk, sorted(skills.of_all(desk).get(person.id, ())))}")
    permissions.check(desk, skills.SET, actor)
    what = [] if words[1] in _ALL else skills.read(desk, words[1:])
    return TextView(f"{person.name}擅长：{skills.put(desk, actor, person, what)}")


COMMAND = Command(
    ("擅长", "专长"),
    "擅长 [人名 平台/店铺/类型…]",
    "谁擅长什么，自动派单时优先；主管可以改，例如：擅长 小李 京东 退款",
    run,
    Permit("擅长"),
    group=Group.PEOPLE,
    example="擅长 小李 京东 退款",
    brief="谁懂什么",
    more=("写的就是全部；擅长 小李 全部 恢复成什么都接", "类型写异常名字里的字就行：缺货、退款、地址、物流"),
    changes=skills.SET,
    looking=Looking("擅长 [人名]", "谁擅长什么，自动派单时优先", "擅长"),
)
