"""转: an order or a matter to a colleague, by whoever has it or may do it."""

from __future__ import annotations

from handlers import cases, owning, people, show
from handlers.commands.command import Command, Group, Request
from handlers.commands.matter import is_over, matter_in, nothing_done
from handlers.desk import Actor, Desk, Late
from handlers.permissions import Permit
from handlers.views import View

_BETWEEN = " ,，给到"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    everybody = people.staff(desk)
    first, _, behind = request.rest.partition(" ")
    to = next((person for person in everybody if first in (person.name, *person.userids.values())), None)
    rest = behind if to is not None else request.rest  # 转 老王 A7F2
    kind, number, words = matter_in(desk, rest, example="转 A7F2 老王")
    if to is None:
        to = people.one_named(everybody, words.strip(_BETWEEN), ask="转给")
    note, over = f"{actor.name}转给{to.name}", kind == "case" and is_over(desk, number)
    try:
        with desk.session.begin_nested():
            cases.transfer(desk, number, actor, to) if kind == "case" else owning.hand_on(desk, number, to, actor)
    except Late as late:
        note = str(late)
    view = show.show(desk, f"{kind}:{number}", actor, note=note)
    return nothing_done(view) if over else view


COMMAND = Command(
    ("转", "转给", "转单"),
    "转 短码/编号 人名",
    "把手上的异常或订单转给同事",
    run,
    Permit("转"),
    about_order=True,
    group=Group.PEOPLE,
    example="转 A7F2 老王",
    brief="给同事",
    more=("对方的岗位要能处理；请假的同事不能转",),
)
