"""登记: the customer got the wrong goods, too few of them, or broken ones."""

from __future__ import annotations

from handlers import find, show
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.mishaps import registering
from handlers.parse import as_typed
from handlers.views import View

_BLANKS = " ,，:：;；"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    wanted, rest = find.one_in(desk, request.rest, "登记")
    words = rest.strip(_BLANKS)
    if not words:
        raise Refusal(registering.HOW.format(tag=wanted.text))
    report = registering.Report(as_typed(request.incoming.text, words))
    number = registering.register(desk, find.one(desk, wanted), report, actor)
    return show.show(desk, f"case:{number}", actor, note=f"{actor.name}已登记，请处理：补发、退款还是不成立")


COMMAND = Command(
    ("登记", "登记售后", "售后登记"),
    "登记 编号 错发/漏发/少件/破损 说明",
    "客户收到的货不对：建一件售后的事，记下原因",
    run,
    registering.REGISTER,
    about_order=True,
    group=Group.ACT,
    example="登记 JD-20251222-001 少件 1 个白杯",
    brief="货不对",
    more=(
        "卡片上选原因（拣错、漏拣、包装、快递、供应商），再点 补发 或 同意退款；也可以回复：短码 补发 漏拣",
        "补发的单建好后自动解除；没有问题就回复：短码 不成立 原因",
        "有照片：登记后 10 分钟内发给机器人，或和登记的话一条发，会和这件事放在一起",
        "一直没处理完，会先通知仓库组长，再通知主管；原因每天每周都有汇总",
    ),
)
