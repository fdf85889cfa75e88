"""What must be pointed out before an order is made: it may stand already, or mend another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.related import chain
from handlers.wording import ORDER_KINDS, moment
from models import Draft
from models.draft import DraftContent, opened
from models.stages import OPEN, Stage
from texts.order import mends

_TWINS: Final = timedelta(minutes=10)
_MENDED: Final = timedelta(days=30)

# Two indexed arms: by phone, and by name, where the goods decide.
_ORDERS: Final = text("""
    SELECT o.id, o.tag, o.external_id, o.created_at, bool_or(by_phone) AS by_phone,
        (SELECT coalesce(array_agg(l.sku), '{}') FROM order_lines l WHERE l.order_id = o.id) AS skus
    FROM (
        SELECT id, tag, external_id, created_at, true AS by_phone FROM orders
        WHERE phone_hash = cast(:phone AS bytea) AND created_at > :since
        UNION ALL SELECT id, tag, external_id, created_at, false FROM orders
        WHERE name_hash = cast(:name AS bytea) AND created_at > :since
    ) o GROUP BY o.id, o.tag, o.external_id, o.created_at ORDER BY o.created_at DESC LIMIT 20
""")
_DRAFTS: Final = text("""
    SELECT id, phone_hash, content, confirmed_at FROM drafts
    WHERE state = 'confirmed' AND confirmed_at > :since AND id <> :id
        AND (phone_hash = cast(:phone AS bytea) OR name_hash = cast(:name AS bytea)) ORDER BY id DESC LIMIT 20
""")
_NEWEST: Final = text("""
    SELECT id, tag, external_id, created_at FROM orders
    WHERE phone_hash = :phone AND created_at > :since ORDER BY created_at DESC LIMIT 1
""")
_STATES: Final = text("SELECT tag, stage, refund FROM orders WHERE id = ANY(:ids) ORDER BY id")
_HAD: Final = text("SELECT coalesce(sum(quantity), 0) FROM order_lines WHERE order_id = :id")
_ORIGINAL: Final = text("SELECT external_id, tag FROM orders WHERE id = :id")
_MENDS: Final = text("""
    SELECT o.tag FROM order_links k JOIN orders o ON o.id = k.order_id
    WHERE k.original_order_id = :id AND k.kind = :kind ORDER BY o.id
""")


@dataclass(frozen=True, slots=True)
class Doubt:
    """`mark`: by which it is known again. `twin`: it may stand already; else it may mend the order named, if one is."""

    mark: str
    words: str
    twin: bool = False
    kind: str = ""
    order_id: int | None = None
    number: str = ""
    tag: str = ""
    via: str = ""  # the tag of the reship that the order named is, and `number` and `tag` are of what that one mends


def of(desk: Desk, draft: Draft, content: DraftContent) -> list[Doubt]:
    """Everything that a person must look at first, twins before the rest."""
    if draft.kind != "normal" and draft.original_order_id is not None:
        return _of_original(desk, draft, content, draft.original_order_id)
    found = _twins(desk, draft, content)
    return found + ([] if draft.kind != "normal" else _mending(desk, draft, content))


def _twins(desk: Desk, draft: Draft, content: DraftContent) -> list[Doubt]:
    if draft.phone_hash is None and draft.name_hash is None:
        return []
    asked = {"phone": draft.phone_hash, "name": draft.name_hash, "since": desk.now - _TWINS}
    skus = {line.sku or line.words for line in content.lines}
    found = [
        Doubt(row.tag, f"10 分钟内已有 {row.tag}（{_same(row.by_phone)}），可能重复", twin=True)
        for row in desk.session.execute(_ORDERS, asked)
        if row.by_phone or skus & set(row.skus)
    ]
    for row in desk.session.execute(_DRAFTS, {**asked, "id": draft.id}):
        by_phone = row.phone_hash is not None and row.phone_hash == draft.phone_hash
        if by_phone or skus & _skus(desk, row):
            words = f"10 分钟内刚确认过一张新单（{_same(by_phone)}），还没建好，可能重复"
            found.append(Doubt(f"draft:{row.id}", words, twin=True))
    return found


def _same(by_phone: bool) -> str:
    return "同一电话" if by_phone else "同一收件人、同一商品"


def _skus(desk: Desk, row: Row[Any]) -> set[str]:
    return {line.sku or line.words for line in opened(desk.vault, row.content).lines}


def _mending(desk: Desk, draft: Draft, content: DraftContent) -> list[Doubt]:
    """Words, or nothing to pay by somebody who ordered in the last 30 days. Only a phone that is one tells who."""
    said = mends(content.remark)
    if said is None and content.paid_fen != 0:
        return []
    newest = None
    if draft.phone_hash is not None:
        asked = {"phone": draft.phone_hash, "since": desk.now - _MENDED}
        newest = desk.session.execute(_NEWEST, asked).one_or_none()
    if said is None and newest is None:
        return []
    kind, word = said or ("reship", "")
    why = f"提到“{word}”" if word else "不收钱"
    same = f"，同一电话 {moment(newest.created_at)} 下过 {newest.tag}" if newest else ""
    known = _known(desk, newest) if newest else (None, "", "", "")
    return [Doubt(f"mends:{kind}", f"{why}{same}：是{ORDER_KINDS[kind]}吗？", False, kind, *known)]


def _known(desk: Desk, order: Row[Any]) -> tuple[int, str, str, str]:
    root = chain.root_of(desk, order.id)
    if root == order.id:
        return order.id, order.external_id, order.tag, ""
    mended = desk.session.execute(_ORIGINAL, {"id": root}).one()
    return order.id, mended.external_id, mended.tag, order.tag


def _of_original(desk: Desk, draft: Draft, content: DraftContent, order_id: int) -> list[Doubt]:
    """How the order that is mended stands, and the one that this one mends in turn; how much and how often."""
    root = chain.root_of(desk, order_id)
    states = desk.session.execute(_STATES, {"ids": [order_id, root]}).all()
    found = [Doubt(f"{why}:{row.tag}", f"原单 {row.tag} {why}") for row in states if (why := _standing(row))]
    pieces, had = sum(line.quantity for line in content.lines), desk.session.execute(_HAD, {"id": root}).scalar_one()
    if had and pieces > had:
        verb, then = ("补", "，要主管核对") if draft.kind == "reship" else ("换", "")
        found.append(Doubt(f"pieces:{pieces}", f"{verb} {pieces} 件，原单只有 {had} 件{then}"))
    return found + _repeated(desk, draft.kind, root)


def _standing(order: Row[Any]) -> str:
    if order.stage == Stage.CANCELLED:
        return "已取消"
    if order.refund in ("asked", "refunded"):
        return "退款中" if order.refund == "asked" else "已退款"
    return "还没有发出" if order.stage in OPEN else ""


def _repeated(desk: Desk, kind: str, root: int) -> list[Doubt]:
    """A second reship of one order is paid twice."""
    tags = list(desk.session.execute(_MENDS, {"id": root, "kind": kind}).scalars())
    if not tags:
        return []
    what, known = ORDER_KINDS[kind], "、".join(tags)
    return [Doubt(f"again:{len(tags)}", f"原单已经{what}过 {len(tags)} 次（{known}），再{what}要主管核对")]
