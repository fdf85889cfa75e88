"""Reships and exchanges: begun from the order that they mend, linked to it, and watched over (exceptions 24, 25)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import drafts, drafts_goods, drafts_show, find, mask, owe
from handlers.desk import Actor, Desk, Refusal
from handlers.gather import receiver_of
from handlers.opening import Opening
from handlers.parse import references
from handlers.platform_moves import Work
from handlers.views import View
from handlers.wording import ORDER_KINDS, moment
from models import Role
from models.draft import DraftContent, DraftLine, draft_of
from order_goods import MOST_PIECES

BACK: Final = timedelta(days=30)

_LINES: Final = text("""
    SELECT sku, title, spec, quantity FROM order_lines
    WHERE order_id = :id AND refund <> 'refunded' ORDER BY position
""")
_STANDS: Final = text("""
    UPDATE drafts d SET state = 'made', order_id = x.order_id
    FROM unnest(cast(:drafts AS bigint[]), cast(:orders AS bigint[]), cast(:shops AS int[])) AS x(id, order_id, shop_id)
    WHERE d.id = x.id AND d.shop_id = x.shop_id AND d.state = 'confirmed'
    RETURNING d.id, d.order_id, d.staff_id, d.kind, d.original_order_id,
        (SELECT name FROM staff s WHERE s.id = d.staff_id) AS by
""")
_LINK: Final = text("""
    INSERT INTO order_links (order_id, original_order_id, kind, at) VALUES (:order_id, :original, :kind, :now)
    ON CONFLICT (order_id) DO UPDATE SET original_order_id = excluded.original_order_id, kind = excluded.kind
""")
_LINK_KNOWN: Final = text("""
    INSERT INTO order_links (order_id, original_order_id, kind, at)
    SELECT o.id, b.id, :kind, :now FROM orders o CROSS JOIN LATERAL (
        SELECT x.id FROM orders x WHERE x.external_id = o.original_id AND x.id <> o.id
        ORDER BY x.shop_id = o.shop_id DESC LIMIT 1) b
    WHERE o.id = :order_id
    ON CONFLICT (order_id) DO UPDATE SET original_order_id = excluded.original_order_id, kind = excluded.kind
""")
_BEFORE: Final = text("""
    SELECT k.original_order_id, (SELECT tag FROM orders o WHERE o.id = k.original_order_id) AS original,
        (SELECT count(*) FROM order_links b WHERE b.original_order_id = k.original_order_id
            AND b.kind = 'reship' AND b.order_id <> k.order_id) AS others
    FROM order_links k WHERE k.order_id = :id
""")
# Nothing to pay, and the same phone ordered before: it may be a reship. Few orders cost nothing. Who made an order in
# chat has been asked already.
_FREE: Final = text("""
    SELECT o.id, b.id AS original_id, b.tag, b.external_id, b.created_at FROM orders o CROSS JOIN LATERAL (
        SELECT x.id, x.tag, x.external_id, x.created_at FROM orders x
        WHERE x.phone_hash = o.phone_hash AND x.created_at > o.created_at - cast(:back AS interval)
            AND x.created_at <= o.created_at AND x.id <> o.id AND x.paid_fen > 0
        ORDER BY x.created_at DESC LIMIT 1) b
    WHERE o.id = ANY(:ids) AND o.paid_fen = 0 AND o.kind = 'normal' AND NOT o.kind_by_person
        AND o.phone_hash IS NOT NULL AND o.platform <> 'chat'
""")
_SUSPECT: Final = text("""
    UPDATE orders SET kind = 'perhaps_reship', kind_evidence = :evidence, original_id = :number WHERE id = :id
""")
_NUMBER_AFTER: Final = re.compile(r"\s*[×xX*]?\s*(\d{1,4})\s*(?:件|个|只|套|盒|条|双)?(?=[\s,，、]|$)")


def begin(desk: Desk, rest: str, actor: Actor, kind: str) -> View:
    """A draft of the order that mends the one named in `rest`. Raises Refusal."""
    wanted, behind = find.first_in(rest)
    if references(behind)[0] and references(behind)[0][0].kind == "tag":
        raise Refusal(f"一次只能{ORDER_KINDS[kind]}一单，请分开发")
    original = drafts.original(desk, find.one(desk, wanted))
    shop = drafts.shops(desk)[0]
    lines, reason = _lines(desk, original.id, behind)
    why = f"：{mask.phones(reason)}" if reason else ""
    content = DraftContent(
        receiver=receiver_of(desk.vault, original.receiver), receiver_key=original.receiver_key,
        province=original.province, city=original.city, district=original.district, town=original.town,
        lines=lines, paid_fen=0, remark=reason, original_number=original.external_id, original_tag=original.tag,
        evidence=f"{actor.name}{ORDER_KINDS[kind]}，原单 {original.tag}{why}",
    )  # fmt: skip
    draft = drafts.begin(desk, actor, shop, content, kind=kind, original_order_id=original.id)
    return drafts_show.show(desk, draft.id, actor)


def _lines(desk: Desk, order_id: int, words: str) -> tuple[tuple[DraftLine, ...], str]:
    """The lines that `words` name by SKU, perhaps with a number, else all that the order has; and the reason."""
    had = [DraftLine(row.title, row.quantity, row.sku, row.title, row.spec, kept=not row.sku)
           for row in desk.session.execute(_LINES, {"id": order_id})]  # fmt: skip
    named: list[DraftLine] = []
    left = words.strip(" ,，、:：")
    while left:
        sku, _, after = left.partition(" ")
        line = _named(desk, had, sku)
        if line is None:
            break
        count = _NUMBER_AFTER.match(f" {after}")
        quantity = int(count[1]) if count else 1
        if not 1 <= quantity <= MOST_PIECES:
            raise Refusal(f"{quantity} 件不对，请核对数量")
        named.append(replace(line, quantity=quantity))
        left = (f" {after}"[count.end() :] if count else after).strip(" ,，、:：")
    return tuple(named or had), left[:100]


def _named(desk: Desk, had: Sequence[DraftLine], word: str) -> DraftLine | None:
    """A line of the order by its SKU, else goods of ours by theirs."""
    own = next((line for line in had if line.sku and line.sku.lower() == word.lower()), None)
    if own is not None or not word.isascii():
        return own
    found = drafts_goods.by_sku(desk, word)
    return DraftLine(word, 1, found.sku, found.title, found.spec) if found else None


def look(desk: Desk, works: Sequence[Work]) -> None:
    """Of a batch that is watched: which orders were made here, and which may mend another."""
    _stand(desk, works)
    _suspect(desk, works)


def link(desk: Desk, order_id: int, original: int, kind: str) -> None:
    """`order_id` mends `original`."""
    desk.session.execute(_LINK, {"order_id": order_id, "original": original, "kind": kind, "now": desk.now})


def link_known(desk: Desk, order_id: int, kind: str) -> None:
    """The order mends the one that it names, if the hub has that."""
    desk.session.execute(_LINK_KNOWN, {"order_id": order_id, "kind": kind, "now": desk.now})


def _stand(desk: Desk, works: Sequence[Work]) -> None:
    """Orders of drafts that arrived: whoever made them hears their tags, and what they mend is known."""
    ours = {draft: work for work in works if (draft := draft_of(work.row.external_id)) is not None}
    if not ours:
        return
    columns = {
        "drafts": list(ours), "orders": [work.row.id for work in ours.values()],
        "shops": [work.row.shop_id for work in ours.values()],
    }  # fmt: skip
    for made in desk.session.execute(_STANDS, columns).all():
        _made(desk, ours[made.id], made)


def _made(desk: Desk, work: Work, made: Row[Any]) -> None:
    order_id = work.row.id
    work.note("聊天下单", {"下单人": made.by, "类型": ORDER_KINDS[made.kind] or "普通订单"})
    card = owe.Owed(
        f"draft:{made.id}:made:staff:{made.staff_id}", "staff", "card", f"order:{order_id}", str(made.staff_id)
    )
    owe.owe(desk, [card, drafts.edit(made.id, 0)])
    if made.kind == "normal":
        return
    if made.original_order_id is not None:
        link(desk, order_id, made.original_order_id, made.kind)
    work.openings += _openings(desk, order_id, made.kind)


def _openings(desk: Desk, order_id: int, kind: str) -> list[Opening]:
    """What must be settled before a reship or an exchange may leave."""
    before = desk.session.execute(_BEFORE, {"id": order_id}).one_or_none()
    if kind == "exchange":
        what = f"原单 {before.original} 的" if before else ""
        return [Opening("return_not_in", f"{what}退货还没有入库，入库后再发", Role.SERVICE, order_id)]
    if before is None:
        return [Opening("resend_check", "补发没有原单，请核对", Role.SUPERVISOR, order_id)]
    if before.others:
        reason = f"原单 {before.original} 已补发过 {before.others} 次，这是第 {before.others + 1} 次"
        return [Opening("resend_check", reason, Role.SUPERVISOR, order_id)]
    return []


def _suspect(desk: Desk, works: Sequence[Work]) -> None:
    """Orders that cost nothing and go to somebody who ordered within 30 days: a person is to say whether they mend."""
    by_id = {work.row.id: work for work in works}
    if not by_id:
        return
    for row in desk.session.execute(_FREE, {"ids": list(by_id), "back": BACK}).all():
        evidence = f"零元，收件电话与 {moment(row.created_at)} 的 {row.tag} 相同"
        desk.session.execute(_SUSPECT, {"id": row.id, "evidence": evidence, "number": row.external_id})
        by_id[row.id].note("疑似补发", {"依据": evidence})
