"""Whether a waybill's number stands on another order's parcel already: one slip of a finger sends two strangers one."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from handlers.desk import Desk

# Both arms are looks into an index; orders themselves have none by waybill.
_OTHERS: Final = text("""
    SELECT o.tag, coalesce(o.phone_hash = own.phone_hash AND o.city = own.city AND o.district = own.district, false)
        OR (own.receiver_key <> '' AND o.shop_id = own.shop_id AND o.receiver_key = own.receiver_key)
        OR EXISTS (
            SELECT 1 FROM merge_orders a JOIN merges g ON g.id = a.merge_id AND g.state = 'together'
                JOIN merge_orders b ON b.merge_id = g.id WHERE a.order_id = own.id AND b.order_id = o.id) AS belongs
    FROM (
        SELECT order_id FROM write_backs WHERE kind = 'ship' AND body ->> 'waybill' = :waybill
        UNION SELECT order_id FROM parcels WHERE waybill = :waybill
    ) used JOIN orders o ON o.id = used.order_id JOIN orders own ON own.id = :id
    WHERE o.id <> own.id ORDER BY o.id DESC LIMIT 50
""")
_MOST: Final = 3


def strangers_with(desk: Desk, order_id: int, waybill: str) -> list[str]:
    """Tags of orders that left by this number, the newest first; none where one of them belongs to this order: merged
    with it, or for the same receiver."""
    found = desk.session.execute(_OTHERS, {"id": order_id, "waybill": waybill}).all()
    return [] if any(row.belongs for row in found) else [row.tag for row in found[:_MOST]]
