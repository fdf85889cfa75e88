"""改电话: the number of whoever gets an order of our own."""

from __future__ import annotations

from handlers.commands.command import Command, Group
from handlers.receivers import change, typed

COMMAND = Command(
    ("改电话", "改手机", "改手机号", "换电话"),
    "改电话 编号 号码",
    "改聊天、表格、邮件来的单的收件电话（仅私聊）",
    typed.phone,
    change.MAY,
    about_order=True,
    group=Group.ACT,
    example="改电话 CHAT-20251222-001 13800001234",
    brief="收件电话",
    more=("平台的订单要买家在平台改",),
)
