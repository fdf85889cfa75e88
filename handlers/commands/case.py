"""A7F2 完成: acts on a case by its short code, as its buttons would."""

from __future__ import annotations

from handlers import actions, codes, show
from handlers.actions.action import Said
from handlers.commands import field, matter
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Press
from handlers.parse import case_verb, code_behind
from handlers.permissions import Permit
from handlers.views import View

_HOW = "可以回复：{code} 认领 / 完成 / 转 人名 / +2h / 忽略 原因"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    case_id = codes.case_of(desk, request.code)
    subject = f"case:{case_id}"
    if not request.rest:
        return show.show(desk, subject, actor)
    if (filled := field.on_case(desk, request, actor)) is not None:
        return filled
    verb = case_verb(request.rest, actions.words())
    words = request.rest if verb is None else verb.rest
    other = code_behind(words, request.code)
    if other and codes.is_known(desk, other):
        raise Refusal(f"一次处理一件，{request.code} 和 {other} 都没有动。请分开发，例如：{request.code} 完成")
    if verb is None:
        raise Refusal(f"「{request.rest[:20]}」看不懂。{_HOW.format(code=request.code)}")
    value, selected = actions.ACTIONS[verb.action].meant(desk, Said(verb.value, verb.rest, request.code))
    return matter.press(desk, request, Press(verb.action, subject, 0, value, selected), actor)


COMMAND = Command(
    (),
    "短码 完成/认领/转 人名/+2h",
    "处理卡片上的事",
    run,
    Permit("短码"),
    group=Group.ACT,
    example="A7F2 完成",
    brief="办一件事",
    more=(
        "卡片上的按钮都可以打出来：A7F2 认领、A7F2 转 老王、A7F2 +2h、A7F2 忽略 误报",
        "也可以直接回复卡片：完成",
        "等别人：A7F2 等客户 2h、A7F2 等采购 明天10点、A7F2 等平台，到时提醒一次",
        "提醒得对不对也可以说：A7F2 有用、A7F2 误报，结束了也能说；只记数，不结束这件事",
        "强制通过要写原因：A7F2 强制 客户急用；有的要另一位同意：A7F2 同意放行、A7F2 不同意",
        "只发短码看详情",
    ),
)
