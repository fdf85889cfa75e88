"""Reships and exchanges: begun from the order that they mend, linked to it, and watched over (exceptions 24, 25)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import find, mask, owe
from handlers.desk import Actor, Desk, Refusal
from handlers.drafts import drafts
from handlers.drafts import show as drafts_show
from handlers.gather import receiver_of
from handlers.matter import Opening
from handlers.parse import references
from handlers.platform_moves import Work
from handlers.related import chain, mended_goods
from handlers.views import View
from handlers.wording import ORDER_KINDS, moment
from models import Role
from models.draft import DraftContent, draft_of

BACK: Final = timedelta(days=30)
_LONGEST: Final = 300

_STANDS: Final = text("""
    UPDATE drafts d SET state = 'made', order_id = x.order_id
    FROM unnest(cast(:drafts AS bigint[]), cast(:orders AS bigint[]), cast(:shops AS int[])) AS x(id, order_id, shop_id)
    WHERE d.id = x.id AND d.shop_id = x.shop_id AND d.state = 'confirmed'
    RETURNING d.id, d.order_id, d.staff_id, d.kind, d.original_order_id,
        (SELECT name FROM staff s WHERE s.id = d.staff_id) AS by
""")
_BEFORE: Final = text("""
    SELECT k.original_order_id, (SELECT tag FROM orders o WHERE o.id = k.original_order_id) AS original,
        (SELECT count(*) FROM order_links b WHERE b.original_order_id = k.original_order_id
            AND b.kind = 'reship' AND b.order_id <> k.order_id) AS others,
        (SELECT sum(quantity) FROM order_lines l WHERE l.order_id = k.order_id) AS pieces,
        (SELECT sum(quantity) FROM order_lines l WHERE l.order_id = k.original_order_id) AS had
    FROM order_links k WHERE k.order_id = :id
""")
# Nothing to pay, and the same receiver ordered before: it may be a reship. Few orders cost nothing. By the phone, or
# within a shop by the platform's own id of who gets it, among those with the same last digits (docs/decisions/0010).
# Who made an order in chat has been asked already.
_BEFORE_IT: Final = """
    x.created_at > o.created_at - cast(:back AS interval) AND x.created_at <= o.created_at AND x.id <> o.id
        AND x.paid_fen > 0 ORDER BY x.created_at DESC LIMIT 1
"""
_FREE: Final = text(f"""
    SELECT o.id, b.by_phone, b.tag, b.external_id, b.created_at FROM orders o CROSS JOIN LATERAL (
        (SELECT true AS by_phone, x.tag, x.external_id, x.created_at FROM orders x
            WHERE x.phone_hash = o.phone_hash AND {_BEFORE_IT})
        UNION ALL (SELECT false, x.tag, x.external_id, x.created_at FROM orders x
            WHERE x.phone_tail_hash = o.phone_tail_hash AND o.receiver_key <> '' AND x.receiver_key = o.receiver_key
                AND x.shop_id = o.shop_id AND {_BEFORE_IT})
        ORDER BY created_at DESC, by_phone DESC LIMIT 1) b
    WHERE o.id = ANY(:ids) AND o.paid_fen = 0 AND o.kind = 'normal' AND NOT o.kind_by_person
        AND o.platform <> 'chat'
""")
_SUSPECT: Final = text("""
    UPDATE orders SET kind = 'perhaps_reship', kind_evidence = :evidence, original_id = :number WHERE id = :id
""")


def begin(desk: Desk, rest: str, actor: Actor, kind: str) -> View:
    """A draft of the order that mends the one named in `rest`. An exchange without goods asks for which; a reship sends
    all of the order once more. Raises Refusal."""
    wanted, behind = find.first_in(rest)
    if references(behind)[0] and references(behind)[0][0].kind == "tag":
        raise Refusal(f"一次只能{ORDER_KINDS[kind]}一单，请分开发")
    if len(behind) > _LONGEST:
        raise Refusal(f"商品和原因最多 {_LONGEST} 个字，现在有 {len(behind)} 个")
    order, root = drafts.to_mend(desk, find.one(desk, wanted), kind)
    shop = drafts.shops(desk)[0]
    had = mended_goods.lines_of(desk, order.id)
    read = mended_goods.named_in if kind == "reship" else mended_goods.exchanged_in
    named = read(desk, had, behind)
    via = f"，经 {order.tag}" if order.id != root.id else ""
    why = f"：{mask.phones(named.reason)}" if named.reason else ""
    content = DraftContent(
        receiver=receiver_of(desk.vault, order.receiver), receiver_key=order.receiver_key,
        province=order.province, city=order.city, district=order.district, town=order.town,
        lines=named.lines or (had if kind == "reship" else ()), paid_fen=0, remark=named.reason,
        original_number=root.external_id, original_tag=root.tag,
        evidence=f"{actor.name}{ORDER_KINDS[kind]}，原单 {root.tag}{via}{why}",
    )  # fmt: skip
    draft = drafts.begin(desk, actor, shop, content, kind=kind, original_order_id=order.id)
    return drafts_show.show(desk, draft.id, actor)


def look(desk: Desk, works: Sequence[Work]) -> None:
    """Of a batch that is watched: which orders were made here, and which may mend another."""
    _stand(desk, works)
    _suspect(desk, works)


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
        chain.link(desk, order_id, made.original_order_id, made.kind)
    work.openings += _openings(desk, order_id, made.kind)


def _openings(desk: Desk, order_id: int, kind: str) -> list[Opening]:
    """What must be settled before a reship or an exchange may leave."""
    before = desk.session.execute(_BEFORE, {"id": order_id}).one_or_none()
    if kind == "exchange":
        what = f"原单 {before.original} 的" if before else ""
        return [Opening("return_not_in", f"{what}退货还没有入库，入库后再发", Role.SERVICE, order_id)]
    if before is None:
        return [Opening("resend_check", "补发没有原单，请核对", Role.SUPERVISOR, order_id)]
    doubts = []
    if before.others:
        doubts.append(f"原单 {before.original} 已补发过 {before.others} 次，这是第 {before.others + 1} 次")
    if before.had and before.pieces > before.had:
        doubts.append(f"补 {before.pieces} 件，原单 {before.original} 只有 {before.had} 件")
    return [Opening("resend_check", "；".join(doubts), Role.SUPERVISOR, order_id)] if doubts else []


def _suspect(desk: Desk, works: Sequence[Work]) -> None:
    """Orders that cost nothing and go to somebody who ordered within 30 days: a person is to say whether they mend."""
    by_id = {work.row.id: work for work in works}
    if not by_id:
        return
    for row in desk.session.execute(_FREE, {"ids": list(by_id), "back": BACK}).all():
        same = "收件电话" if row.by_phone else "收件人"
        evidence = f"零元，{same}与 {moment(row.created_at)} 的 {row.tag} 相同"
        desk.session.execute(_SUSPECT, {"id": row.id, "evidence": evidence, "number": row.external_id})
        by_id[row.id].note("疑似补发", {"依据": evidence})
