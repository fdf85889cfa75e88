"""收件: receiver data in clear, to one person, for a reason that is written down."""

from __future__ import annotations

from sqlalchemy import text

from handlers import find, trail
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.gather import receiver_of
from handlers.permissions import Permit
from handlers.views import RevealView, View
from models import Receiver, Role


def run(desk: Desk, request: Request, actor: Actor) -> View:
    if request.incoming.is_group:
        raise Refusal("收件信息只能私聊查看，请到与我的单聊里发")
    wanted, rest = find.one_in(desk, request.rest, "查看")
    reason = rest.strip(" ,，:：")
    if len(reason) < 2:
        raise Refusal(f"请写明查看原因，例如：收件 {wanted.text} 客户要求改地址")
    order_id = find.one(desk, wanted)
    order = desk.session.execute(
        text("SELECT tag, receiver, province, city, district, town FROM orders WHERE id = :id"), {"id": order_id}
    ).one()
    trail.write_order(desk, order_id, actor=actor, action="查看收件信息", detail={"原因": reason[:100]})
    receiver = receiver_of(desk.vault, order.receiver)
    region = "".join(dict.fromkeys(part for part in (order.province, order.city, order.district, order.town) if part))
    return RevealView(
        tag=order.tag,
        name=receiver.name or receiver.name_mask,
        phone=receiver.phone or receiver.phone_mask,
        address=f"{region} {receiver.address or receiver.address_mask}".strip(),
        unknown=_hidden(receiver),
    )


def _hidden(receiver: Receiver) -> str:
    """What the platform keeps to itself: a mask is shown as a mask, never as the thing."""
    parts = (("姓名", receiver.name), ("电话", receiver.phone), ("详细地址", receiver.address))
    hidden = [words for words, plain in parts if not plain]
    if not hidden:
        return ""
    return f"{'、'.join(hidden)}由平台隐藏，这里只有掩码，请到平台后台查看"


COMMAND = Command(
    ("收件", "收件人", "收件信息", "看地址"),
    "收件 编号 原因",
    "看完整收件信息（仅私聊，会记录）",
    run,
    Permit("查看收件信息", frozenset({Role.SERVICE, Role.WAREHOUSE})),
    about_order=True,
    group=Group.ASK,
    example="收件 JD-20251222-001 客户要改地址",
    brief="看完整收件",
)
