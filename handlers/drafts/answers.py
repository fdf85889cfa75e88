"""What a person says while a draft is open: the answer to its question, or a part that is to be changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from handlers import find
from handlers.desk import Desk, Refusal
from handlers.drafts import drafts, goods
from handlers.drafts import words as drafts_words
from handlers.parse import reference
from handlers.related import mended_goods
from models import Draft
from models.draft import DraftContent
from texts.order import begins_with_label, normal, read

_SAME: Final = frozenset(("同款", "换同款", "一样", "原样", "同样", "原来", "原来的货", "同样的货", "不变"))
_WAITS: Final = "这张新单还没确认。回复 确认 / 取消；要改请写明是什么，例如：电话：13800001234"


def take(desk: Desk, draft: Draft, text: str) -> None:
    """Change the draft by what was said. Raises Refusal saying what is wanted."""
    content = drafts.content_of(desk, draft)
    if begins_with_label(text):
        parts = read(text)
        if drafts_words.merged(content, parts) == content:
            raise Refusal(f"「{normal(text)[:20]}」看不懂。{drafts_words.CHANGE}")
        drafts.change(desk, draft, drafts_words.merged(content, parts))
    elif draft.question == "original":
        _original(desk, draft, content, text)
    elif draft.question == "goods" and draft.original_order_id is not None and normal(text).rstrip("。的") in _SAME:
        drafts.change(desk, draft, replace(content, lines=mended_goods.lines_of(desk, draft.original_order_id)))
    elif draft.question == "sku":
        drafts.change(desk, draft, _goods(desk, content, text))
    elif draft.question:
        drafts.change(desk, draft, drafts_words.answered(content, draft.question, text))
    else:
        raise Refusal(_WAITS)


def _original(desk: Desk, draft: Draft, content: DraftContent, text: str) -> None:
    words = normal(text)
    if words in ("0", "没有", "无"):
        drafts.change(desk, draft, drafts_words.without_original(content))
        return
    wanted = reference(words)
    if wanted is None or wanted[0].kind == "name":
        raise Refusal(f"「{words[:20]}」不像订单编号。{drafts_words.QUESTIONS['original']}")
    order, root = drafts.to_mend(desk, find.one(desk, wanted[0]), draft.kind)
    draft.original_order_id = order.id
    drafts.change(desk, draft, replace(content, original_number=root.external_id, original_tag=root.tag))


def _goods(desk: Desk, content: DraftContent, text: str) -> DraftContent:
    """A number chooses for the first line whose goods are not clear; other words are looked up instead of its own."""
    words = normal(text)
    place = next(number for number, line in enumerate(content.lines) if not line.settled)
    if words.isascii() and words.isdigit():
        line = goods.chosen(desk, content.lines[place], int(words))
        if line is None:
            raise Refusal(f"没有第 {words} 个，请回复上面的序号")
    else:
        line = replace(content.lines[place], words=words[:60])
    return replace(content, lines=(*content.lines[:place], line, *content.lines[place + 1 :]))
