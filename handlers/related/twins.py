"""The same goods for the same door a few minutes apart (exception 34): of two orders the one that was stored later may
repeat the other, and waits; that the first has left meanwhile is no answer. By the platform's ids of buyer and receiver
within a shop, else by one phone with one and the same address; where an id tells the buyer, masks that are alike are
one door. What mends another order, and what people decided about together before, repeats nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import text

from handlers.desk import Desk
from models import Receiver, Vault
from models.stages import OPEN
from models.vault import phone_digits
from rules.facts import Twin

KIND: Final = "bought_twice"
MINUTES: Final = 10
_OPEN: Final = ", ".join(f"'{stage}'" for stage in OPEN)
_STANDS: Final = f"{_OPEN}, 'done'"
_APART: Final = (
    "'reship', 'exchange', 'perhaps_reship', 'perhaps_exchange', 'gift', 'lottery', 'price_difference', 'repair'"
)
_NEAR: Final = f"""
    b.shop_id = o.shop_id AND b.created_at BETWEEN o.created_at - interval '{MINUTES} minutes'
        AND o.created_at + interval '{MINUTES} minutes' AND b.id < o.id AND b.stage IN ({_STANDS})
        AND b.refund <> 'refunded' AND b.kind NOT IN ({_APART}) AND b.receiver_key = o.receiver_key
"""
# One arm for each way in which the source is told; each has its index.
_SAME_SOURCE: Final = f"""
    (SELECT b.id FROM orders b WHERE o.buyer_key <> '' AND b.buyer_key = o.buyer_key AND {_NEAR}
        ORDER BY b.created_at DESC LIMIT 20)
    UNION ALL (SELECT b.id FROM orders b WHERE o.buyer_key = '' AND o.receiver_key <> '' AND b.buyer_key = ''
        AND b.receiver_key <> '' AND {_NEAR} ORDER BY b.created_at DESC LIMIT 20)
    UNION ALL (SELECT b.id FROM orders b WHERE o.buyer_key = '' AND o.receiver_key = '' AND b.buyer_key = ''
        AND b.phone_hash = o.phone_hash AND {_NEAR} ORDER BY b.created_at DESC LIMIT 20)
"""
_GOODS: Final = """
    SELECT min(m.title) AS goods FROM order_lines l JOIN order_lines m
        ON coalesce(nullif(m.sku, ''), m.platform_sku) = coalesce(nullif(l.sku, ''), l.platform_sku)
    WHERE l.order_id = o.id AND m.order_id = x.id AND l.refund <> 'refunded' AND m.refund <> 'refunded'
        AND coalesce(nullif(l.sku, ''), l.platform_sku) <> ''
"""
_PAIRS: Final = text(f"""
    SELECT o.id, x.id AS other, x.tag, g.goods, o.receiver_key,
        floor(abs(extract(epoch FROM o.created_at - x.created_at)) / 60)::int AS minutes,
        o.receiver, concat(o.province, o.city, o.district) AS place,
        x.receiver AS other_receiver, concat(x.province, x.city, x.district) AS other_place
    FROM orders o CROSS JOIN LATERAL ({_SAME_SOURCE}) near JOIN orders x ON x.id = near.id
        CROSS JOIN LATERAL ({_GOODS}) g
    WHERE o.id = ANY(:ids) AND o.stage IN ({_OPEN}) AND o.kind NOT IN ({_APART}) AND g.goods IS NOT NULL
        AND NOT EXISTS (SELECT FROM merge_orders a JOIN merge_orders b ON b.merge_id = a.merge_id
            JOIN merges d ON d.id = a.merge_id AND d.state IN ('together', 'apart')
            WHERE a.order_id = o.id AND b.order_id = x.id)
    ORDER BY o.id, x.id
""")
_ENDED: Final = text("""
    SELECT order_id, evidence ->> 'mark' AS mark FROM cases
    WHERE kind = :kind AND order_id = ANY(:ids) AND state IN ('solved', 'dismissed') AND solved_by IS NOT NULL
""")
_OVER: Final = text(f"""
    SELECT c.order_id FROM cases c JOIN orders x ON x.id = cast(c.evidence ->> 'other' AS bigint)
    WHERE c.kind = :kind AND c.state IN ('open', 'claimed') AND c.evidence ? 'other'
        AND (x.stage NOT IN ({_STANDS}) OR x.refund = 'refunded')
    LIMIT 500
""")

Opens = Callable[[Vault, bytes | None], Receiver]
"""How a sealed receiver is read (handlers/gather.py)."""


def twins(desk: Desk, ids: Sequence[int], opens: Opens) -> dict[int, Twin]:
    """Of these orders those that may repeat another → the newest that they may repeat."""
    found: dict[int, Twin] = {}
    for row in desk.session.execute(_PAIRS, {"ids": list(ids)}):
        if row.receiver_key or _door(desk, row.receiver, row.place, opens) == _door(
            desk, row.other_receiver, row.other_place, opens
        ):
            found[row.id] = Twin(row.other, row.tag, row.goods, row.minutes)
    return found


def asked(desk: Desk, groups: Mapping[str, set[int]], opens: Opens) -> set[str]:
    """Of these groups of orders for one receiver those of which it must be said first which repeats which: all but the
    first may repeat another, and nobody has answered."""
    ids = sorted({one for group in groups.values() for one in group})
    pairs = twins(desk, ids, opens) if ids else {}
    if not pairs:
        return set()
    ended = {(row.order_id, row.mark) for row in desk.session.execute(_ENDED, {"kind": KIND, "ids": list(pairs)})}
    waiting = {one for one, twin in pairs.items() if (one, twin.tag) not in ended}
    return {key for key, group in groups.items() if len(group & waiting) == len(group) - 1}


def over(desk: Desk) -> list[int]:
    """Orders that still wait though what they may repeat will not be sent."""
    return list(desk.session.execute(_OVER, {"kind": KIND}).scalars())


def _door(desk: Desk, sealed: bytes | None, place: str, opens: Opens) -> tuple[str, str, str]:
    seen = opens(desk.vault, sealed)
    address = seen.address or seen.address_mask
    return place, "".join(address.split()), phone_digits(seen.phone) or seen.phone_mask
