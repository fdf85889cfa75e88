"""Whose an order is. What was made in chat to mend another order (补发, 换货) has a shop of its own and no buyer: it is
the buyer's of the order that was sold. What a platform sold is its own buyer's, whatever it mends."""

from __future__ import annotations

from typing import Final

ID: Final = """
    coalesce((SELECT x.id FROM order_links k JOIN orders x ON x.id = k.original_order_id
        WHERE k.order_id = o.id AND o.platform = 'chat'), o.id)
"""
"""Of an order `o`: the id of the order whose buyer it is, its own where it mends none."""

ORDER: Final = f"""
    SELECT w.id, w.shop_id, w.external_id, w.buyer_key, w.phone_hash, w.receiver,
        CASE WHEN w.buyer_key = '' THEN 'order:' || w.external_id ELSE w.buyer_key END AS customer
    FROM orders w WHERE w.id = {ID}
"""
"""Of an order `o`, in a LATERAL: the order whose buyer it is; `customer` as `customer_key` has it."""

WHOLE: Final = 1
OWN: Final = 3
KEYS: Final = f"""
    SELECT k.shop_id, k.buyer_key, k.rank FROM ({ORDER}) whose CROSS JOIN LATERAL (VALUES
        (whose.shop_id, whose.customer, {WHOLE}), (whose.shop_id, 'order:' || whose.external_id, 2),
        (o.shop_id, 'order:' || o.external_id, {OWN})) k (shop_id, buyer_key, rank)
"""
"""Of an order `o`, in a LATERAL: by what whoever is bound to it can be known, the nearest first (`rank`): all that its
buyer buys, the order that was sold, at last (OWN) this order and no other."""

IS_BOUND: Final = f"""
    (EXISTS (SELECT FROM ({KEYS}) known JOIN customers c ON c.shop_id = known.shop_id
            AND c.buyer_key = known.buyer_key WHERE c.state = 'following')
        OR EXISTS (SELECT FROM ({KEYS}) known JOIN customer_ways w ON w.shop_id = known.shop_id
            AND w.buyer_key = known.buyer_key))
"""
"""Of an order `o`: whether there is somebody who can be told."""

IS_OUT: Final = f"""
    (EXISTS (SELECT FROM ({KEYS}) known JOIN customers c ON c.shop_id = known.shop_id AND c.buyer_key = known.buyer_key
            JOIN opt_outs x ON x.channel = 'wechat_oa' AND x.address = c.openid)
        OR EXISTS (SELECT FROM ({KEYS}) known JOIN customer_ways w ON w.shop_id = known.shop_id
            AND w.buyer_key = known.buyer_key JOIN opt_outs x ON x.channel = w.channel AND x.address = w.address))
"""
"""Of an order `o`: whether whoever is bound to it said 退订."""
