"""The card of a short SKU: which orders are hit, how much money, what it waits for, and what can be said to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.manners.storms import Members
from handlers.shortage import census
from handlers.shortage.matters import KIND
from handlers.wording import day, moment
from models.case import short_code

__all__ = ["KIND", "shown"]

FIRST: Final = 5
_EXAMPLE: Final = timedelta(days=2)

_ORDERS: Final = text("""
    SELECT o.tag, w.pieces, greatest(o.ship_by_at, o.not_before_at) AS ship_by_at
    FROM orders o LEFT JOIN waiting_lines w ON w.order_id = o.id AND w.sku = :sku
    WHERE o.id = ANY(:ids) ORDER BY w.place, w.due_at, w.at, o.id
""")


def shown(desk: Desk, row: Row[Any]) -> Members:
    """Of its live case, as it is at this moment."""
    sku = row.group_key
    found = census.of(desk, [sku]).get(sku)
    if found is None:
        return Members(0, 0, None, ("没有订单再缺它，稍后自动解除",))
    orders = desk.session.execute(_ORDERS, {"sku": sku, "ids": census.hit(desk, sku)[:FIRST]})
    lines = tuple(_order(one) for one in orders)
    asked = _asked(desk, row, found)
    open_ = found.arrives_at is None or found.overdue
    said = (*_news(row), *((asked, *lines) if open_ else (*lines, asked)), *(f"不能拆单：{why}" for why in found.whole))
    return Members(found.orders, found.fen, found.ship_by_at, said)


def _news(row: Row[Any]) -> tuple[str, ...]:
    return (row.evidence["news"],) if row.evidence.get("news") else ()


def _asked(desk: Desk, row: Row[Any], found: census.Short) -> str:
    code = short_code(row.id)
    if found.arrives_at is None or found.overdue:
        return f"什么时候到货？请采购回复：{code} 到货 {day(desk.now + _EXAMPLE)}，或 {code} 等货 3天"
    return f"日期有变请回复：{code} 到货 日期；货到了请发：入库 {found.sku} 件数"


def _order(one: Row[Any]) -> str:
    by = f"，{moment(one.ship_by_at)} 前发" if one.ship_by_at else ""
    return f"{one.tag} 要 {one.pieces or 0} 件{by}"
