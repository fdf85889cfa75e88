"""Stores a batch of one shop's orders: raw records, orders, lines, tags and trail, in bulk.

One batch is a handful of statements whatever its size: new rows go in by COPY, changed ones by one UPDATE from a
staging table that names the version it replaces. A shop's advisory lock (held until the caller commits) serialises
its writers; the tag counter's row lock serialises those who number the same prefix and day, which makes numbers
gapless. Never commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from ingest import rows, tags
from ingest.copying import copy_rows, in_table
from ingest.snapshot import OrderSnapshot
from ingest.storable import storable_text
from models.session import vault_of
from models.vault import fingerprint

_SHOP_LOCK: Final = 4_070_001  # class of the advisory locks "stores for shop N"


@dataclass(frozen=True, slots=True)
class Item:
    """One record: `raw` is its canonical JSON; without a `snapshot`, `problem` says in Chinese why."""

    external_id: str
    raw: bytes
    snapshot: OrderSnapshot | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one shop. `prefix` is the shop's tag prefix ("TB")."""

    shop_id: int
    platform: str
    prefix: str
    items: Sequence[Item]


@dataclass(slots=True)
class Stored:
    """Order ids that are new or really changed; how many stood there already; how many could not be read."""

    new: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    unchanged: int = 0
    unreadable: int = 0


def storable(item: Item) -> Item:
    """The item without what PostgreSQL cannot hold as text (NUL, lone surrogates); the raw record keeps them."""
    if item.snapshot is None or not (b"\\u0000" in item.raw or b"\\ud" in item.raw.lower()):
        return item
    return replace(item, snapshot=storable_text(item.snapshot))


class Known(NamedTuple):
    """What is stored of an order that a batch names again."""

    id: int
    modified_at: datetime
    content_hash: bytes
    trail_hash: bytes
    effect: str
    platform_status: str
    hold: str
    refund: str
    seller_memo: str
    buyer_message: str
    receiver_key: str
    paid_fen: int


_KNOWN: Final = text(
    f"SELECT external_id, {', '.join(Known._fields)} FROM orders "
    "WHERE shop_id = :shop AND external_id = ANY(:ids) FOR UPDATE"
)


def unchanged(session: Session, shop_id: int, hashes: Mapping[str, bytes]) -> set[str]:
    """Which records, by platform number and fingerprint, stand exactly so already: orders, or kept as unreadable."""
    found = session.execute(
        text(
            "SELECT external_id, content_hash FROM orders WHERE shop_id = :shop AND external_id = ANY(:ids) UNION ALL "
            "SELECT external_id, content_hash FROM raw_payloads "
            "WHERE shop_id = :shop AND external_id = ANY(:ids) AND problem IS NOT NULL"
        ),
        {"shop": shop_id, "ids": list(hashes)},
    )
    return {external_id for external_id, stored in found if hashes[external_id] == bytes(stored)}


def store(session: Session, batch: Batch, now: datetime) -> Stored:
    """Store `batch`; an older copy never overwrites a newer one, an equal one writes nothing."""
    stored = Stored()
    _lock(session, batch.shop_id)
    items = _newest_of_each(batch.items)
    known = _known(session, batch.shop_id, [item.external_id for item in items])
    broken = _new_problems(session, batch.shop_id, [item for item in items if item.snapshot is None])
    stored.unreadable = sum(item.snapshot is None for item in items)
    new: list[tuple[Item, OrderSnapshot]] = []
    changed: list[tuple[Item, OrderSnapshot, Known]] = []
    for item in items:
        if item.snapshot is None:
            continue
        before = known.get(item.external_id)
        if before is None:
            new.append((item, item.snapshot))
        elif _is_newer(item, item.snapshot, before):
            changed.append((item, item.snapshot, before))
        else:
            stored.unchanged += 1
    maker = rows.RowMaker(vault_of(session), batch.shop_id, batch.platform, now)
    _keep_raw(session, maker, broken + [pair[0] for pair in new] + [triple[0] for triple in changed])
    stored.new = _insert(session, maker, batch.prefix, new)
    stored.changed = _update(session, maker, changed)
    return stored


def _lock(session: Session, shop_id: int) -> None:
    session.execute(text("SELECT pg_advisory_xact_lock(:class, :shop)"), {"class": _SHOP_LOCK, "shop": shop_id})


def _newest_of_each(items: Sequence[Item]) -> list[Item]:
    """A page may repeat an order: its newest version stands for all."""
    newest: dict[str, Item] = {}
    for item in items:
        other = newest.get(item.external_id)
        if other is None or _at(item) >= _at(other):
            newest[item.external_id] = storable(item)
    return list(newest.values())


def _at(item: Item) -> float:
    return item.snapshot.modified_at.timestamp() if item.snapshot else 0.0


def _known(session: Session, shop_id: int, ids: list[str]) -> dict[str, Known]:
    found = session.execute(_KNOWN, {"shop": shop_id, "ids": ids})
    return {row[0]: Known(*row[1:]) for row in found}


def _is_newer(item: Item, snapshot: OrderSnapshot, before: Known) -> bool:
    if snapshot.modified_at != before.modified_at:
        return snapshot.modified_at > before.modified_at
    # Platforms count in seconds: another content at the same second is another version.
    return fingerprint(item.raw) != bytes(before.content_hash)


def _new_problems(session: Session, shop_id: int, items: list[Item]) -> list[Item]:
    """Of the unreadable records those that are not kept already."""
    if not items:
        return []
    kept = session.execute(
        text("SELECT external_id, content_hash FROM raw_payloads WHERE shop_id = :shop AND external_id = ANY(:ids)"),
        {"shop": shop_id, "ids": [item.external_id for item in items]},
    )
    pairs = {(external_id, bytes(stored)) for external_id, stored in kept}
    return [item for item in items if (item.external_id, fingerprint(item.raw)) not in pairs]


def _keep_raw(session: Session, maker: rows.RowMaker, items: list[Item]) -> None:
    copy_rows(
        session, "raw_payloads", rows.RAW, (maker.raw(item.external_id, item.raw, item.problem) for item in items)
    )


def _insert(session: Session, maker: rows.RowMaker, prefix: str, new: list[tuple[Item, OrderSnapshot]]) -> list[int]:
    if not new:
        return []
    new.sort(key=lambda pair: (pair[1].created_at, pair[1].external_id))
    ids = [
        row[0]
        for row in session.execute(
            text("SELECT nextval(pg_get_serial_sequence('orders', 'id')) FROM generate_series(1, :n)"), {"n": len(new)}
        )
    ]
    numbers = tags.give(session, prefix, [snapshot.created_at for _, snapshot in new])
    orders: list[Sequence[Any]] = []
    lines: list[Sequence[Any]] = []
    trail: list[Sequence[Any]] = []
    for order_id, tag, (item, snapshot) in zip(ids, numbers, new, strict=True):
        entry = maker.trail(snapshot, "收单", {"编号": tag, "平台状态": snapshot.platform_status})
        trail.append(entry)
        orders.append(maker.order(order_id, tag, snapshot, raw=item.raw, trail_hash=entry[-1]))
        lines.extend(maker.lines(order_id, snapshot))
    copy_rows(session, "orders", rows.ORDER, orders)
    copy_rows(session, "order_lines", rows.LINE, lines)
    copy_rows(session, "trail", rows.TRAIL, trail)
    return ids


_CHANGE: Final = text(f"""
    UPDATE orders o SET {", ".join(f"{name} = s.{name}" for name in rows.CHANGING)},
        buyer_message = coalesce(s.buyer_message, o.buyer_message),
        seller_memo = coalesce(s.seller_memo, o.seller_memo),
        receiver = coalesce(s.receiver, o.receiver),
        phone_hash = coalesce(s.phone_hash, o.phone_hash), name_hash = coalesce(s.name_hash, o.name_hash),
        phone_tail_hash = coalesce(s.phone_tail_hash, o.phone_tail_hash),
        receiver_key = CASE WHEN s.receiver_key = '' THEN o.receiver_key ELSE s.receiver_key END,
        waybill = CASE WHEN s.waybill = '' THEN o.waybill ELSE s.waybill END,
        courier = CASE WHEN s.courier = '' THEN o.courier ELSE s.courier END,
        shipped_at = coalesce(s.shipped_at, o.shipped_at), not_before_at = coalesce(s.not_before_at, o.not_before_at),
        ship_by_at = coalesce(s.ship_by_at, o.ship_by_at), paid_at = coalesce(s.paid_at, o.paid_at),
        revision = o.revision + 1
    FROM stage_orders s WHERE o.id = s.id AND o.modified_at <= s.modified_at
""")  # a source that cannot tell, or tells no longer, does not wipe what was known

_LINES: Final = text("""
    INSERT INTO order_lines SELECT * FROM stage_lines
    ON CONFLICT (order_id, line_key) DO UPDATE SET position = excluded.position, sku = excluded.sku,
        platform_sku = excluded.platform_sku, title = excluded.title, spec = excluded.spec,
        quantity = excluded.quantity, price_fen = excluded.price_fen, paid_fen = excluded.paid_fen,
        refund = excluded.refund, shipped = excluded.shipped
    WHERE order_lines IS DISTINCT FROM excluded
""")

_GONE: Final = text("""
    DELETE FROM order_lines l WHERE l.order_id = ANY(:ids) AND NOT EXISTS (
        SELECT FROM stage_lines s WHERE s.order_id = l.order_id AND s.line_key = l.line_key)
""")


def _update(
    session: Session, maker: rows.RowMaker, changed: list[tuple[Item, OrderSnapshot, Known]]
) -> list[int]:  # fmt: skip
    if not changed:
        return []
    orders, lines, trail = [], [], []
    for item, snapshot, before in changed:
        entry = maker.trail(snapshot, "平台更新", rows.differences(snapshot, before), bytes(before.trail_hash))
        trail.append(entry)
        orders.append(maker.order(before.id, "", snapshot, raw=item.raw, trail_hash=entry[-1]))
        lines.extend(maker.lines(before.id, snapshot))
    ids = [before.id for _, _, before in changed]
    in_table(session, "stage_orders", rows.ORDER, orders)
    in_table(session, "stage_lines", rows.LINE, lines)
    session.execute(_CHANGE)
    session.execute(_LINES)
    session.execute(_GONE, {"ids": ids})
    copy_rows(session, "trail", rows.TRAIL, trail)
    return ids
