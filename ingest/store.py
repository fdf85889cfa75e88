"""Stores a batch of one shop's orders: raw records, orders, lines, tags and trail, in bulk.

One batch is a handful of statements whatever its size: new rows go in by COPY, changed ones by one UPDATE from a
staging table that names the version it replaces. A shop's advisory lock (held until the caller commits) serialises
its writers; the tag counter's row lock serialises those who number the same prefix and day, which makes numbers
gapless. Never commits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from ingest import arrivals, kept, rows, tags
from ingest.copying import copy_rows, in_table
from ingest.snapshot import OrderSnapshot
from ingest.storable import storable_text
from models.session import vault_of
from models.stages import OPEN
from models.vault import fingerprint

_SHOP_LOCK: Final = 4_070_001  # class of the advisory locks "stores for shop N"


@dataclass(frozen=True, slots=True)
class Item:
    """One record: `raw` is the canonical JSON of all that was received; without a `snapshot`, `problem` says in Chinese
    why. `mark` is the fingerprint by which it is known again (of `raw`, unless a list told less than that); `kept` the
    row of raw_payloads that it was read from, where it is no record of now."""

    external_id: str
    raw: bytes
    snapshot: OrderSnapshot | None
    problem: str = ""
    mark: bytes = b""
    kept: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one shop. `prefix` is the shop's tag prefix ("TB"); `ship_hours` the shop's own limit from payment to
    shipping, for orders to which the platform gives none (None: the shop has none either)."""

    shop_id: int
    platform: str
    prefix: str
    items: Sequence[Item]
    ship_hours: int | None = None


@dataclass(slots=True)
class Stored:
    """Order ids that are new or really changed; how many stood there already; how many could not be read."""

    new: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    unchanged: int = 0
    unreadable: int = 0


def storable(item: Item) -> Item:
    """The item without what PostgreSQL cannot hold as text (NUL, lone surrogates); the raw record keeps them."""
    if item.snapshot is None or b"\\" not in item.raw:  # by far most, found out fastest
        return item
    if not (b"\\u0000" in item.raw or b"\\ud" in item.raw.lower()):
        return item
    return replace(item, snapshot=storable_text(item.snapshot))


class Known(NamedTuple):
    """What is stored of an order that a batch names again."""

    id: int
    modified_at: datetime
    ship_by_at: datetime | None
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
    revision: int


_KNOWN: Final = text(
    f"SELECT external_id, {', '.join(Known._fields)} FROM orders "
    "WHERE shop_id = :shop AND external_id = ANY(:ids) FOR UPDATE"
)


def store(session: Session, batch: Batch, now: datetime) -> Stored:
    """Store `batch`; an older copy never overwrites a newer one, an equal one writes nothing."""
    stored = Stored()
    _lock(session, batch.shop_id)
    items = _newest_of_each(batch.items)
    marks = {item.external_id: item.mark or fingerprint(item.raw) for item in items}
    known = _known(session, batch.shop_id, list(marks))
    received = _new_problems(session, batch.shop_id, marks, [item for item in items if item.snapshot is None])
    stored.unreadable = sum(item.snapshot is None for item in items)
    new: list[OrderSnapshot] = []
    changed: list[tuple[OrderSnapshot, Known]] = []
    for item in items:
        if item.snapshot is None:
            continue
        before = known.get(item.external_id)
        if before is None:
            new.append(item.snapshot)
        elif _is_newer(item.snapshot, marks[item.external_id], before):
            changed.append((item.snapshot, before))
        else:
            stored.unchanged += 1
            continue
        if item.kept is None:
            received.append(item)
    maker = rows.RowMaker(
        vault_of(session), batch.shop_id, batch.platform, now=now, marks=marks, ship_hours=batch.ship_hours
    )
    kept.solve(session, batch.shop_id, [(item.external_id, item.kept) for item in batch.items if item.snapshot])
    raw = (maker.raw(item.external_id, item.raw, item.problem) for item in received)
    copy_rows(session, "raw_payloads", rows.RAW, raw)
    stored.new = _insert(session, maker, batch.prefix, new)
    arrivals.note(session, batch.shop_id, [snapshot.created_at for snapshot in new])
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


def _is_newer(snapshot: OrderSnapshot, mark: bytes, before: Known) -> bool:
    if snapshot.modified_at != before.modified_at:
        return snapshot.modified_at > before.modified_at
    # Platforms count in seconds: another content at the same second is another version.
    return mark != bytes(before.content_hash)


def _new_problems(session: Session, shop_id: int, marks: Mapping[str, bytes], items: list[Item]) -> list[Item]:
    """Of the unreadable records those that are not kept already."""
    if not items:
        return []
    known = kept.versions(session, shop_id, [item.external_id for item in items])
    return [item for item in items if (item.external_id, marks[item.external_id]) not in known]


def _insert(session: Session, maker: rows.RowMaker, prefix: str, new: list[OrderSnapshot]) -> list[int]:
    if not new:
        return []
    new.sort(key=lambda snapshot: (snapshot.created_at, snapshot.external_id))
    ids = _new_ids(session, len(new))
    numbers = tags.give(session, prefix, [snapshot.created_at for snapshot in new])
    lines: list[Sequence[Any]] = []
    trail: list[Sequence[Any]] = []

    def orders() -> Iterator[Sequence[Any]]:
        for order_id, tag, snapshot in zip(ids, numbers, new, strict=True):
            entry = maker.trail(snapshot, "收单", {"编号": tag, "平台状态": snapshot.platform_status})
            trail.append(entry)
            lines.extend(maker.lines(order_id, snapshot))
            yield maker.order(order_id, tag, snapshot, trail_hash=entry[-1])

    copy_rows(session, "orders", rows.ORDER, orders())
    copy_rows(session, "order_lines", rows.LINE, lines)
    copy_rows(session, "trail", rows.TRAIL, trail)
    return ids


_TAKE_IDS: Final = text("SELECT array_agg(nextval('orders_id_seq')) FROM generate_series(1, :many)")


def _new_ids(session: Session, many: int) -> list[int]:
    """Order ids, as one value: a row for each costs more than the numbers do."""
    return list(session.execute(_TAKE_IDS, {"many": many}).scalar_one())


# What a person said of the kind stands until the source has other evidence.
_SAID: Final = "(o.kind_by_person AND (s.kind = 'normal' OR s.kind_evidence = o.kind_evidence))"
_OPEN: Final = ", ".join(f"'{stage}'" for stage in OPEN)
# The platform forbade to ship it, and does not any more: its stage's clock starts then.
_RELEASED: Final = (
    "o.hold <> '' AND s.hold = '' AND s.effect = 'admit' AND s.modified_at > o.stage_entered_at "
    f"AND o.stage IN ({_OPEN})"
)

_CHANGE: Final = text(f"""
    UPDATE orders o SET {", ".join(f"{name} = s.{name}" for name in rows.CHANGING)},
        kind = CASE WHEN {_SAID} THEN o.kind ELSE s.kind END, kind_by_person = {_SAID},
        kind_evidence = CASE WHEN {_SAID} THEN o.kind_evidence ELSE s.kind_evidence END,
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
        stage_entered_at = CASE WHEN {_RELEASED} THEN s.modified_at ELSE o.stage_entered_at END,
        revision = o.revision + 1
    FROM stage_orders s WHERE o.id = s.id AND o.modified_at <= s.modified_at
""")  # a source that cannot tell, or tells no longer, does not wipe what was known

# Other goods that leave for a line by a person's word (swapped_from) stand as long as the platform sold the same.
_SWAPPED: Final = (
    "order_lines.swapped_from <> '' AND order_lines.platform_sku = excluded.platform_sku "
    "AND (excluded.platform_sku <> '' OR excluded.sku = order_lines.swapped_from)"
)
_LINES: Final = text(f"""
    INSERT INTO order_lines SELECT * FROM stage_lines
    ON CONFLICT (order_id, line_key) DO UPDATE SET position = excluded.position,
        sku = CASE WHEN {_SWAPPED} THEN order_lines.sku ELSE excluded.sku END,
        title = CASE WHEN {_SWAPPED} THEN order_lines.title ELSE excluded.title END,
        spec = CASE WHEN {_SWAPPED} THEN order_lines.spec ELSE excluded.spec END,
        swapped_from = CASE WHEN {_SWAPPED} THEN order_lines.swapped_from ELSE '' END,
        platform_sku = excluded.platform_sku,
        quantity = excluded.quantity, price_fen = excluded.price_fen, paid_fen = excluded.paid_fen,
        refund = excluded.refund, shipped = excluded.shipped
    WHERE order_lines IS DISTINCT FROM excluded
""")

_GONE: Final = text("""
    DELETE FROM order_lines l WHERE l.order_id = ANY(:ids) AND NOT EXISTS (
        SELECT FROM stage_lines s WHERE s.order_id = l.order_id AND s.line_key = l.line_key)
""")


def _update(session: Session, maker: rows.RowMaker, changed: list[tuple[OrderSnapshot, Known]]) -> list[int]:
    if not changed:
        return []
    orders, lines, trail = [], [], []
    for snapshot, before in changed:
        said = rows.differences(snapshot, before) | {"_revision": before.revision + 1}  # cards older than that are old
        entry = maker.trail(snapshot, "平台更新", said, bytes(before.trail_hash))
        trail.append(entry)
        orders.append(maker.order(before.id, "", snapshot, trail_hash=entry[-1], known_ship_by=before.ship_by_at))
        lines.extend(maker.lines(before.id, snapshot))
    ids = [before.id for _, before in changed]
    in_table(session, "stage_orders", rows.ORDER, orders)
    in_table(session, "stage_lines", rows.LINE, lines)
    session.execute(_CHANGE)
    session.execute(_LINES)
    session.execute(_GONE, {"ids": ids})
    copy_rows(session, "trail", rows.TRAIL, trail)
    return ids
