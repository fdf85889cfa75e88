"""What came before from the same source: how much of it was refunded, and how much came within the hour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from handlers.desk import Desk
from models.stages import OPEN
from rules.facts import History

_OPEN: Final = ", ".join(f"'{stage}'" for stage in OPEN)
_MOST: Final = 200  # of one source, the newest: a wholesale buyer costs a look as much as anybody

# By the index of the buyer, or of the phone where no platform tells who bought. t**9 in a table is nobody.
_NOBODY: Final = "(o.buyer_key = '' OR strpos(o.buyer_key, '*') > 0)"
_PAST: Final = text(f"""
    SELECT o.id, {_NOBODY} AS by_phone, h.bought, h.refunded, h.lately
    FROM orders o CROSS JOIN LATERAL (
        SELECT count(*) AS bought, count(*) FILTER (WHERE refund IN ('part', 'refunded')) AS refunded,
            count(*) FILTER (WHERE created_at > o.created_at - interval '1 hour') AS lately
        FROM (
            (SELECT x.refund, x.created_at FROM orders x
                WHERE NOT {_NOBODY} AND x.shop_id = o.shop_id AND x.buyer_key = o.buyer_key AND x.id <> o.id
                    AND x.created_at BETWEEN o.created_at - interval '180 days' AND o.created_at
                    AND x.stage <> 'unpaid' AND x.kind NOT IN ('reship', 'exchange', 'price_difference')
                ORDER BY x.created_at DESC LIMIT {_MOST})
            UNION ALL
            (SELECT x.refund, x.created_at FROM orders x
                WHERE {_NOBODY} AND x.phone_hash = o.phone_hash AND x.id <> o.id
                    AND x.created_at BETWEEN o.created_at - interval '180 days' AND o.created_at
                    AND x.stage <> 'unpaid' AND x.kind NOT IN ('reship', 'exchange', 'price_difference')
                ORDER BY x.created_at DESC LIMIT {_MOST})
        ) past
    ) h
    WHERE o.id = ANY(:ids) AND o.stage IN ({_OPEN}) AND h.bought > 0
""")


def histories(desk: Desk, ids: Sequence[int]) -> dict[int, History]:
    """Of those of these orders that are open, and whose source ordered before."""
    found = desk.session.execute(_PAST, {"ids": list(ids)})
    return {row.id: History(row.bought, row.refunded, row.lately, row.by_phone) for row in found}
