"""What mends what: a reship of a reship mends the order that was sold, and is counted there."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from handlers.desk import Desk

_DEEPEST: Final = 20  # links lead to the first order as it is; a row that was linked before it had an original may not
_ROOT: Final = text("""
    WITH RECURSIVE up (id, depth) AS (
        SELECT cast(:id AS bigint), 0
        UNION ALL SELECT k.original_order_id, up.depth + 1 FROM up JOIN order_links k ON k.order_id = up.id
        WHERE up.depth < :deepest
    )
    SELECT id FROM up ORDER BY depth DESC LIMIT 1
""")
_LINK: Final = text("""
    INSERT INTO order_links (order_id, original_order_id, kind, at) VALUES (:order_id, :root, :kind, :now)
    ON CONFLICT (order_id) DO UPDATE SET original_order_id = excluded.original_order_id, kind = excluded.kind
""")
_MOVE_UP: Final = text("UPDATE order_links SET original_order_id = :root WHERE original_order_id = :order_id")
_NAMED: Final = text("""
    SELECT b.id FROM orders o CROSS JOIN LATERAL (
        SELECT x.id FROM orders x WHERE x.external_id = o.original_id AND x.id <> o.id
        ORDER BY x.shop_id = o.shop_id DESC LIMIT 1) b
    WHERE o.id = :id
""")


def root_of(desk: Desk, order_id: int) -> int:
    """The order that `order_id` mends in the end; itself where it mends none."""
    return int(desk.session.execute(_ROOT, {"id": order_id, "deepest": _DEEPEST}).scalar_one())


def link(desk: Desk, order_id: int, original: int, kind: str) -> None:
    """`order_id` mends `original`, or what that one mends in turn. What mends `order_id` moves up with it."""
    root = root_of(desk, original)
    if root == order_id:
        return  # the original mends this one: both ways would be a ring
    values = {"order_id": order_id, "root": root, "kind": kind, "now": desk.now}
    desk.session.execute(_LINK, values)
    desk.session.execute(_MOVE_UP, values)


def link_known(desk: Desk, order_id: int, kind: str) -> None:
    """The order mends the one that it names, if the hub has that."""
    original = desk.session.execute(_NAMED, {"id": order_id}).scalar_one_or_none()
    if original is not None:
        link(desk, order_id, original, kind)
