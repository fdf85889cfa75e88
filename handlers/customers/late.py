"""Customers whose orders leave later than they were told hear of it before they ask: once for each new date."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe
from handlers.customers import notices, state, whose
from handlers.desk import Desk
from handlers.owe import CustomerMessage
from handlers.wording import customer_time
from models.people import customer_key
from models.stages import OPEN

_DAY: Final = timedelta(days=1)
_BACK: Final = timedelta(days=3)  # what is late for longer was told, or is no news any more
_MOST: Final = 500

# A day that the buyer asked for is no delay; that it was over and nothing left is one. What waits to be paid back
# leaves on no day. What was owed once is not looked at again.
_LATE: Final = text(f"""
    SELECT * FROM (
        SELECT {state.COLUMNS}, w.promised_at, concat_ws(cast(:colon AS text), 'order', o.id, 'delayed',
            cast(extract(epoch FROM CASE WHEN o.not_before_at > greatest(o.ship_by_at, :now) THEN o.not_before_at
                ELSE w.promised_at END) AS bigint), 'customer') AS key
        FROM orders o
        CROSS JOIN LATERAL (SELECT o.not_before_at >= o.ship_by_at AND EXISTS (SELECT FROM cases k
            WHERE k.order_id = o.id AND k.kind = 'delay_request' AND k.state = 'solved') AS agreed) a
        CROSS JOIN LATERAL (SELECT CASE WHEN a.agreed THEN o.not_before_at ELSE o.ship_by_at END AS promised_at,
            CASE WHEN a.agreed THEN o.not_before_at + :day ELSE o.ship_by_at END AS late_at) w
        WHERE o.id > :after AND (o.ship_by_at <= :now OR o.not_before_at > o.ship_by_at)
            AND o.stage = ANY(:open) AND o.refund NOT IN ('asked', 'refunded') AND w.late_at > :since
            AND (w.late_at <= :now OR (NOT a.agreed AND o.not_before_at > greatest(o.ship_by_at, :now)))
            AND (:unbound OR EXISTS (SELECT FROM ({whose.KEYS}) known JOIN customers c ON c.shop_id = known.shop_id
                    AND c.buyer_key = known.buyer_key)
                OR EXISTS (SELECT FROM ({whose.KEYS}) known JOIN customer_ways w ON w.shop_id = known.shop_id
                    AND w.buyer_key = known.buyer_key))
    ) late WHERE NOT late.awaits_refund AND NOT EXISTS (SELECT FROM notifications n WHERE n.dedupe_key = late.key)
    ORDER BY id LIMIT :most
""")


def look(desk: Desk) -> int:
    """Owe what is late by now, or will be by what is planned; how many orders."""
    sms = desk.settings.sms
    if not notices.told(desk, "delayed"):
        return 0
    values = {
        "open": list(OPEN), "now": desk.now, "since": desk.now - _BACK, "most": _MOST, "colon": ":", "day": _DAY,
        "unbound": sms is not None and sms.unbound and "delayed" in sms.important,
    }  # fmt: skip
    looked_at, after = 0, 0
    while found := desk.session.execute(_LATE, {**values, "after": after}).all():
        # On from the last one, for of those whom nobody can be told nothing is owed, and they are found every time.
        what = state.goods_of(desk, [one.id for one in found])
        owe.owe_customers(desk, [_message(desk, one, what.get(one.id, "")) for one in found])
        looked_at, after = looked_at + len(found), found[-1].id
    return looked_at


def _message(desk: Desk, one: Row[Any], what: str) -> CustomerMessage:
    known = customer_key(one.buyer_key, one.external_id)
    values = state.values(one, what, desk.now)
    planned = one.not_before_at is not None and one.not_before_at > desk.now
    values["deadline"] = customer_time(one.promised_at)
    values["time"] = values["time"] if planned else values["deadline"]
    return CustomerMessage(one.key, one.shop_id, known, f"order:{one.id}", "delayed", values)
