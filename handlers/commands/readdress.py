"""改地址: where an order of our own goes."""

from __future__ import annotations

from handlers.commands.command import Command, Group
from handlers.receivers import change, typed

COMMAND = Command(
    ("改地址", "修改地址", "换地址"),
    "改地址 编号 新地址",
    "改聊天、表格、邮件来的单的收件地址（仅私聊）",
    typed.address,
    change.MAY,
    about_order=True,
    group=Group.ACT,
    example="改地址 CHAT-20251222-001 浙江省杭州市西湖区文三路 1 号",
    brief="收件地址",
    more=("换收件人就一起写：改地址 编号 姓名 电话 新地址", "平台的订单要买家在平台改，会给您一句可以转发的话"),
)
