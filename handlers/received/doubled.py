"""The same platform number in two shops: an order that a marketplace's interface brings, and a spreadsheet or a mail as
well. The one that was handed in is locked until somebody says which of them is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, watch
from handlers.desk import SYSTEM, Actor, Desk
from handlers.matter import Opening
from handlers.received import changing
from models import Role
from models.stages import OPEN

KIND: Final = "duplicate_order"
STATUS: Final = "重复，已取消"
_HANDED_IN: Final = "'sheet', 'mail'"
_OPEN: Final = ", ".join(f"'{stage}'" for stage in OPEN)

# Of two that were both handed in the later one is the double.
_OTHER: Final = f"""
    x.external_id = o.external_id AND x.shop_id <> o.shop_id AND x.stage <> 'cancelled'
        AND (x.platform NOT IN ({_HANDED_IN}) OR x.id < o.id)
"""
_FOUND: Final = text(f"""
    SELECT DISTINCT ON (o.id) o.id, o.stage, x.tag, s.name AS shop,
        EXISTS (SELECT FROM cases c WHERE c.order_id = o.id AND c.kind = '{KIND}') AS asked
    FROM orders o JOIN orders x ON {_OTHER} JOIN shops s ON s.id = x.shop_id
    WHERE o.id = ANY(:ids) ORDER BY o.id, x.id
""")
_ARRIVED: Final = text(f"""
    SELECT o.id FROM orders o WHERE o.stage IN ({_OPEN}) AND o.platform IN ({_HANDED_IN})
        AND EXISTS (SELECT FROM orders x WHERE {_OTHER})
        AND NOT EXISTS (SELECT FROM cases c WHERE c.order_id = o.id AND c.kind = '{KIND}') LIMIT 1000
""")
_OVER: Final = text(f"""
    SELECT c.id, c.order_id FROM cases c JOIN orders o ON o.id = c.order_id
    WHERE c.kind = '{KIND}' AND c.state IN ('open', 'claimed') AND c.order_id IS NOT NULL
        AND (cast(:ids AS bigint[]) IS NULL OR o.id = ANY(:ids))
        AND (o.stage NOT IN ({_OPEN}) OR NOT EXISTS (SELECT FROM orders x WHERE {_OTHER}))
""")
_OWN: Final = text("""
    SELECT id, shop_id, external_id, tag, trail_hash FROM orders WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE
""")


def look(desk: Desk, ids: Sequence[int]) -> Mapping[int, str]:
    """Of these orders those whose number stands in another shop: id → where. Open ones are locked, each by a case,
    unless somebody was asked before."""
    found = desk.session.execute(_FOUND, {"ids": list(ids)}).all()
    _ask(desk, [row for row in found if row.stage in OPEN and not row.asked])
    return {row.id: _at(row) for row in found}


def sweep(desk: Desk) -> None:
    """The marketplace's order may come after the spreadsheet; and what was double may be so no longer."""
    if not any(shop.platform in ("sheet", "mail") for shop in desk.settings.shops):
        return
    look(desk, desk.session.execute(_ARRIVED).scalars().all())
    over(desk)


def over(desk: Desk, ids: Sequence[int] | None = None) -> None:
    """Where one of the two is gone, nothing is asked any more; of all orders, or of these."""
    ended = desk.session.execute(_OVER, {"ids": None if ids is None else list(ids)}).all()
    if ended:
        orders = [row.order_id for row in ended]
        desk.session.execute(_OWN, {"ids": orders})  # before their cases, as everybody locks them
        opening.close_many(desk, [(row.id, "只剩一单") for row in ended])
        watch.watch(desk, orders)


def drop(desk: Desk, order_id: int, actor: Actor) -> None:
    """This one is not sent, the other is."""
    rows = desk.session.execute(_OWN, {"ids": [order_id]}).all()
    changing.cancel(desk, rows, actor, action="取消重复单", detail={}, status=STATUS)


def _ask(desk: Desk, doubles: Sequence[Row[Any]]) -> None:
    if not doubles:
        return
    reasons = {
        row.id: f"平台单号{_at(row)}，多半是同一单：发那一单就点「取消这一单」，确实是两单就点「两单都发」"
        for row in doubles
    }
    rows = desk.session.execute(_OWN, {"ids": list(reasons)}).all()
    opened = opening.open_many(desk, [Opening(KIND, why, Role.SERVICE, one) for one, why in reasons.items()])
    ids = [row.order_id for row in opened]
    rows = [row for row in rows if row.id in set(ids)]
    changing.note(desk, rows, SYSTEM, action="异常", details=[{"重复单": reasons[row.id]} for row in rows])
    watch.watch(desk, ids)


def _at(row: Row[Any]) -> str:
    return f"已在 {row.shop}（{row.tag}）"
