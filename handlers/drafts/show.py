"""A draft as it is shown: to the person who makes it in clear, for only so can it be checked; to others masked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, text

from handlers import mask
from handlers.buttons import Offer
from handlers.desk import Actor, Desk, Refusal
from handlers.drafts import doubts as drafts_doubts
from handlers.drafts import drafts
from handlers.drafts import goods as drafts_goods
from handlers.drafts import words as drafts_words
from handlers.drafts.view import DraftView
from handlers.wording import ORDER_KINDS
from models import Draft
from models.draft import DraftContent, DraftLine

_NAMES = text("""
    SELECT coalesce(s.name, '') AS shop, coalesce(o.tag, '') AS tag
    FROM drafts d LEFT JOIN shops s ON s.id = d.shop_id LEFT JOIN orders o ON o.id = d.order_id WHERE d.id = :id
""")


def show(desk: Desk, draft_id: int, actor: Actor | None, *, note: str = "") -> DraftView:
    """Raises Refusal when there is no such draft. What is shown of doubts counts as pointed out."""
    draft = desk.session.get(Draft, draft_id)
    if draft is None:
        raise Refusal("没有找到这张草稿")
    content = drafts.content_of(desk, draft)
    names = desk.session.execute(_NAMES, {"id": draft_id}).one()
    live = draft.state == "open" and draft.expires_at > desk.now
    mine = live and actor is not None and actor.staff_id == draft.staff_id
    doubts = drafts_doubts.of(desk, draft, content) if live and not draft.question else []
    if mine:
        drafts.see(desk, draft, content, [doubt.mark for doubt in doubts])
    return _view(desk, draft, content, names, live=live, mine=mine, doubts=doubts, note=note)


def _view(  # what a view is made of, each by its name
    desk: Desk, draft: Draft, content: DraftContent, names: Row[Any], *,
    live: bool, mine: bool, doubts: list[drafts_doubts.Doubt], note: str,
) -> DraftView:  # fmt: skip
    receiver = content.receiver
    region = "".join(
        dict.fromkeys(part for part in (content.province, content.city, content.district, content.town) if part)
    )
    return DraftView(
        draft_id=draft.id,
        revision=draft.revision,
        kind=ORDER_KINDS[draft.kind],
        state="" if live else drafts_words.STATES.get(draft.state, "已过期作废"),
        shop=names.shop,
        tag=names.tag,
        name=(receiver.name if mine else "") or mask.name(receiver),
        phone=(receiver.phone if mine else "") or mask.phone(receiver),
        region=region,
        address=receiver.address if mine else "",
        lines=tuple(_line(line) for line in content.lines),
        paid_fen=content.paid_fen,
        remark=content.remark if mine else mask.phones(content.remark),
        original=content.original_tag,
        question=question(desk, draft, content) if live else "",
        doubts=tuple(doubt.words for doubt in doubts),
        expires_at=draft.expires_at,
        at=desk.now,
        note=note,
        offers=_offers(draft, doubts) if mine else (),
        private=mine,
    )


def _line(line: DraftLine) -> str:
    known = " ".join(part for part in (line.sku, line.title, line.spec) if part) or line.words
    return f"{known} ×{line.quantity}"


def question(desk: Desk, draft: Draft, content: DraftContent) -> str:
    """What is asked now, "" where nothing is."""
    if draft.question == "goods" and draft.kind == "exchange" and draft.original_order_id is not None:
        return drafts_words.EXCHANGED
    if draft.question != "sku":
        return drafts_words.QUESTIONS.get(draft.question, "")
    line = next(line for line in content.lines if not line.settled)
    found = drafts_goods.candidates(desk, line.words)
    if not found:
        return f"没有找到「{line.words[:20]}」。请回复 SKU 或商品名；就按原文记下请回复 0"
    choices = "\n".join(f"{number}. {goods.shown}" for number, (goods, _) in enumerate(found, 1))
    return f"「{line.words[:20]}」是哪一个？回复序号，都不是回复 0 按原文记下：\n{choices}"


def _offers(draft: Draft, doubts: list[drafts_doubts.Doubt]) -> tuple[Offer, ...]:
    subject = f"draft:{draft.id}"
    cancel = Offer("取消", "draft_cancel", subject, draft.revision, style="danger")
    if draft.question:
        return (cancel,)
    change = Offer("改", "draft_change", subject, draft.revision)
    return (*(
        Offer(words, "draft_confirm", subject, draft.revision, kind, "main" if not number else "plain")
        for number, (words, kind) in enumerate(_confirmations(draft, doubts))
    ), change, cancel)  # fmt: skip


def _confirmations(draft: Draft, doubts: list[drafts_doubts.Doubt]) -> list[tuple[str, str]]:
    """What the person may say that it is: (words, kind)."""
    mends = next((doubt.kind for doubt in doubts if doubt.kind), "")
    if mends:
        other = "exchange" if mends == "reship" else "reship"
        return [(f"是{ORDER_KINDS[mends]}", mends), (f"是{ORDER_KINDS[other]}", other), ("普通订单", "normal")]
    if any(doubt.twin for doubt in doubts):
        return [("不重复，下单", draft.kind)]
    return [("仍要" + ORDER_KINDS[draft.kind] if doubts else "确认", draft.kind)]
