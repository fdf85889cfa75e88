"""新单: an order that a customer wrote in words. What is missing is asked for, one question at a time."""

from __future__ import annotations

from handlers.commands.command import Command, Group, Request, with_shop
from handlers.desk import Actor, Desk
from handlers.drafts import drafts
from handlers.drafts import show as drafts_show
from handlers.drafts import words as drafts_words
from handlers.parse import as_typed
from handlers.views import View


def run(desk: Desk, request: Request, actor: Actor) -> View:
    known = drafts.shops(desk)
    words = as_typed(request.incoming.text, request.rest)  # its lines and signs tell the parts apart
    shop = next((one for one in known if words.startswith((one.name, f"{one.slug} "))), known[0])
    content = drafts_words.begun(words.removeprefix(shop.name).removeprefix(f"{shop.slug} "))
    draft = drafts.begin(desk, actor, shop, content)
    return drafts_show.show(desk, draft.id, actor)


COMMAND = Command(
    ("新单", "录单", "新订单"),
    "新单 姓名 电话 地址 商品 金额",
    "下一张聊天订单，缺什么会问",
    run,
    drafts.MAKE,
    group=Group.ACT,
    example="新单 林小姐 13812341234 杭州市西湖区文三路1号 筷子2双 59元",
    brief="聊天下单",
    more=("直接粘贴客户的原话也行",),
    there=with_shop("chat"),
)
