"""确认, 取消, 改, or the answer to what a draft asks: plain words, while a person has a draft open."""

from __future__ import annotations

from typing import Final

from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.drafts import answers as drafts_answers
from handlers.drafts import drafts
from handlers.drafts import show as drafts_show
from handlers.drafts import words as drafts_words
from handlers.parse import normal
from handlers.views import TextView, View
from models import Draft

_YES: Final = frozenset((
    "确认", "确认下单", "是", "是的", "对", "好", "好的", "可以", "没错", "ok", "yes",
    "仍要补发", "仍要换货", "不重复,下单",
))  # fmt: skip
"""Also what the button of its card says (handlers/drafts/show.py); what is to be pointed out first still is."""
_NO: Final = frozenset(("取消", "算了", "不要了", "不下了"))
_CHANGE: Final = frozenset(("改", "修改", "改一下", "更改"))
_KINDS: Final = {
    "是补发": "reship", "补发": "reship", "是换货": "exchange", "换货": "exchange", "普通订单": "normal",
}  # fmt: skip


def run(desk: Desk, request: Request, actor: Actor) -> View:
    draft = drafts.current(desk, actor)
    if draft is None:
        raise Refusal("没有正在下的新单。要下单请发：新单 姓名 电话 地址 商品 金额")
    words = normal(request.incoming.text).lower().rstrip("。.!！")
    if words in _CHANGE:
        return TextView(drafts_words.CHANGE)
    if words in _NO:
        drafts.cancel(desk, draft, actor)
        return drafts_show.show(desk, draft.id, actor, note=f"{actor.name}已取消")
    if words in _YES or (words in _KINDS and not draft.question):
        return _confirm(desk, draft, actor, _KINDS.get(words, ""))
    drafts_answers.take(desk, draft, request.incoming.text)
    desk.session.flush()  # shown by statements of its own
    if draft.question:  # one matter has one card: what follows is a talk until there is something to confirm
        return TextView(drafts_show.question(desk, draft, drafts.content_of(desk, draft)))
    return drafts_show.show(desk, draft.id, actor)


def _confirm(desk: Desk, draft: Draft, actor: Actor, kind: str) -> View:
    """What is to be pointed out first is no refusal: that it was shown must be kept."""
    try:
        drafts.confirm(desk, draft, actor, kind)
    except Late as late:
        return drafts_show.show(desk, draft.id, actor, note=str(late))
    return drafts_show.show(desk, draft.id, actor, note=f"{actor.name}已确认，建好就把编号发给您")


COMMAND = Command(
    (),
    "确认 / 改 / 取消",
    "下单时回复；问什么就直接答什么",
    run,
    drafts.MAKE,
    group=Group.ACT,
    example="确认",
    brief="答下单",
)
