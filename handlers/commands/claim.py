"""认领: I do this, and by when."""

from __future__ import annotations

from handlers import owning, show
from handlers.commands.command import Command, Group, Request
from handlers.commands.matter import matter_in, press
from handlers.desk import Actor, Desk, Late
from handlers.duty.minutes import minutes_in
from handlers.incoming import Press
from handlers.permissions import Permit
from handlers.views import View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    kind, number, rest = matter_in(desk, request.rest, example="认领 A7F2 30分钟")
    minutes = minutes_in(rest)
    if kind == "case":
        return press(desk, request, Press("claim", f"case:{number}", 0, rest), actor)
    try:
        with desk.session.begin_nested():
            note = owning.claim(desk, number, actor, minutes)
    except Late as late:  # somebody was faster: the order as it stands says who
        note = str(late)
    return show.show_order(desk, number, actor, note=note)


COMMAND = Command(
    ("认领",),
    "认领 短码/编号 [多久]",
    "我来处理，可写多久办好，例如：认领 A7F2 30分钟",
    run,
    Permit("认领"),
    about_order=True,
    group=Group.PEOPLE,
    example="认领 A7F2 30分钟",
    brief="我来办",
    more=(
        "多久可以写 15、30、60（分钟）或 2小时；不写就按这类事的时限",
        "到时还没处理会提醒一次，再过 15 分钟放回待认领",
        "写订单编号时，这一单归您，连同它待处理的异常",
    ),
)
