"""How a short SKU stands: which orders are hit, how much money, by when, what is there and what is coming."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.wording import day
from models.sources import why_whole

TAGS: Final = 3

# The orders are those whose own case says so; what the SKU's other orders need is there for them.
_CENSUS: Final = text("""
    SELECT x.sku, count(*) AS orders, coalesce(sum(o.paid_fen), 0) AS fen, sum(coalesce(w.pieces, 0)) AS pieces,
        min(greatest(o.ship_by_at, o.not_before_at)) AS ship_by_at,
        (array_agg(o.tag ORDER BY w.place, w.due_at, w.at, o.id))[1 : :tags] AS tags,
        (SELECT btrim(l.title || ' ' || l.spec) FROM order_lines l WHERE l.sku = x.sku
            ORDER BY l.order_id DESC LIMIT 1) AS title,
        array_agg(DISTINCT o.platform) FILTER (WHERE c.evidence ->> 'later' IS DISTINCT FROM 'true' AND EXISTS (
            SELECT FROM order_lines h WHERE h.order_id = o.id AND NOT c.evidence -> 'skus' ? h.sku AND NOT h.shipped
                AND h.refund <> 'refunded' AND h.parting = '')) AS platforms,
        s.on_hand - s.locked AS free, s.incoming, s.incoming_at,
        (SELECT coalesce(sum(v.pieces), 0) FROM sku_needs v WHERE v.sku = x.sku) AS needed
    FROM cases c JOIN orders o ON o.id = c.order_id
        CROSS JOIN LATERAL jsonb_array_elements_text(c.evidence -> 'skus') AS x(sku)
        LEFT JOIN waiting_lines w ON w.order_id = o.id AND w.sku = x.sku LEFT JOIN stock s ON s.sku = x.sku
    WHERE c.kind = 'short_stock' AND c.state IN ('open', 'claimed') AND c.order_id IS NOT NULL
        AND (cast(:skus AS text[]) IS NULL OR x.sku = ANY(cast(:skus AS text[])))
    GROUP BY x.sku, s.on_hand, s.locked, s.incoming, s.incoming_at ORDER BY x.sku
""")
_HIT: Final = text("""
    SELECT o.id FROM cases c JOIN orders o ON o.id = c.order_id
        LEFT JOIN waiting_lines w ON w.order_id = o.id AND w.sku = :sku
    WHERE c.kind = 'short_stock' AND c.state IN ('open', 'claimed') AND c.evidence -> 'skus' ? :sku
    ORDER BY w.place, w.due_at, w.at, o.id
""")


@dataclass(frozen=True, slots=True)
class Short:
    """One SKU. `pieces`: what the hit orders need; `missing`: how many there are too few for all; `ship_by_at`: the
    nearest deadline among the hit, or the later day that was agreed; `arrives_at`: when goods come, as purchasing or
    the ERP said; `tags`: the first of the hit orders, in the order in which they get goods; `platforms`: where the
    orders are of which something else is here."""

    sku: str
    title: str
    orders: int
    fen: int
    pieces: int
    free: int
    missing: int
    incoming: int
    arrives_at: datetime | None
    ship_by_at: datetime | None
    tags: tuple[str, ...]
    overdue: bool = False  # goods should have come by now
    platforms: tuple[str, ...] = ()

    @property
    def late(self) -> bool:
        """Whether goods come after the first deadline."""
        return self.arrives_at is not None and self.ship_by_at is not None and self.arrives_at > self.ship_by_at

    @property
    def whole(self) -> tuple[str, ...]:
        """Why orders that have something here can leave as a whole only, and what to do; a line per platform."""
        return tuple(why for one in self.platforms if (why := why_whole(one)))

    @property
    def reason(self) -> str:
        coming = f"，在途 {self.incoming} 件" if self.incoming else ""
        if self.arrives_at is not None:
            coming += _when(self.arrives_at, late=self.late, overdue=self.overdue)
        named = f"{self.title}（{self.sku}）" if self.title else self.sku
        return f"{named}缺 {self.missing} 件：{self.orders} 单要 {self.pieces} 件，可用 {self.free} 件{coming}"

    @property
    def evidence(self) -> dict[str, Any]:
        """What the SKU's case keeps; every value is there each time, so that nothing old stays."""
        return {
            "sku": self.sku, "title": self.title, "orders": self.orders, "fen": self.fen, "pieces": self.pieces,
            "free": self.free, "missing": self.missing, "incoming": self.incoming, "tags": list(self.tags),
            "arrives_at": self.arrives_at.isoformat() if self.arrives_at else None,
            "ship_by_at": self.ship_by_at.isoformat() if self.ship_by_at else None, "late": self.late,
            "overdue": self.overdue, "parts": not self.whole or len(self.whole) < len(self.platforms),
        }  # fmt: skip


def _when(at: datetime, *, late: bool, overdue: bool) -> str:
    if overdue:
        return f"，原定 {day(at)} 到货，还没有到，请采购更新"
    return f"，预计 {day(at)} 到货" + ("，赶不上最早的发货期限" if late else "")


def of(desk: Desk, skus: Collection[str] | None = None) -> dict[str, Short]:
    """The SKUs of which orders are short; all, or those of `skus`."""
    asked = None if skus is None else sorted(skus)
    found = desk.session.execute(_CENSUS, {"skus": asked, "tags": TAGS})
    return {row.sku: _short(row, desk.now) for row in found}


def hit(desk: Desk, sku: str) -> list[int]:
    """The orders that are short of it, those that get goods first in front."""
    return list(desk.session.execute(_HIT, {"sku": sku}).scalars())


def _short(row: Row[Any], now: datetime) -> Short:
    free, needed = row.free or 0, int(row.needed)
    return Short(
        row.sku, row.title or "", row.orders, int(row.fen), int(row.pieces), max(_left(free, needed, row), 0),
        max(needed - free, 0), row.incoming or 0, row.incoming_at, row.ship_by_at, tuple(row.tags),
        row.incoming_at is not None and row.incoming_at <= now, tuple(row.platforms or ()),
    )  # fmt: skip


def _left(free: int, needed: int, row: Row[Any]) -> int:
    """What is left for the hit orders by those that come before them."""
    return free - (needed - int(row.pieces))
