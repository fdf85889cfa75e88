"""Facts for the rules, in bulk: a few statements however many orders, plain rows instead of objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

import rules.facts
from config_orders import Checks, Parcels
from handlers.desk import Desk
from handlers.fields import living as own_fields
from handlers.kinds import limits
from handlers.neighbours import Neighbours
from handlers.rulebook import marks
from handlers.supply import sku_map
from handlers.tuning.tuned import tuned
from models import Receiver, Vault
from models.couriers import courier_name
from models.stages import Stage
from models.vault import CannotOpen
from rules.facts import MOST_WORDS, Audited, LineFacts, OrderFacts, ParcelFacts, ParcelLimits

_ORDERS: Final = text("""
    SELECT id, shop_id, platform, external_id, tag, kind, stage, stage_entered_at, effect, platform_status, hold,
        refund, lock_reason, created_at, paid_at, ship_by_at, not_before_at, shipped_at, buyer_key, buyer_message,
        seller_memo, province, city, district, town, receiver, receiver_key, phone_hash, seller_flag, paid_fen,
        goods_fen, post_fen, discount_fen, owner_id, waybill, courier, after_sale, promised, urged_at,
        recheck_at, modified_at, trail_hash,
        (SELECT s.slug FROM shops s WHERE s.id = shop_id) AS shop,
        CASE WHEN stage IN ('pending_pick', 'pending_ship') THEN
            (SELECT to_jsonb(a) FROM audited_orders a WHERE a.order_id = orders.id) END AS audited
    FROM orders WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE
""")

_READ_ORDERS: Final = text(_ORDERS.text.removesuffix("FOR NO KEY UPDATE\n"))

_LINES: Final = text("""
    SELECT l.order_id, l.line_key, l.sku, l.platform_sku, l.title, l.spec, l.quantity, l.refund,
        l.shipped OR l.parting = 'gone' AS shipped, l.parting, l.swapped_from, l.price_fen, l.paid_fen,
        s.on_hand - s.locked AS on_hand, s.incoming, s.incoming_at
    FROM order_lines l LEFT JOIN stock s ON s.sku = l.sku
    WHERE l.order_id = ANY(:ids) ORDER BY l.order_id, l.position
""")

# A SKU of which there is enough for everybody who waits needs no closer look.
_TIGHT: Final = text("""
    SELECT s.sku FROM stock s JOIN (
        SELECT sku, sum(pieces) AS pieces FROM sku_needs WHERE sku = ANY(:skus) GROUP BY sku
    ) w USING (sku) WHERE w.pieces > s.on_hand - s.locked
""")
_SHELF: Final = text("""
    SELECT CASE WHEN EXISTS (SELECT FROM erps WHERE stock_at IS NOT NULL) THEN 'whole'
        WHEN EXISTS (SELECT FROM stock) THEN 'part' ELSE '' END
""")
_PARCELS: Final = text("""
    SELECT order_id, courier, waybill, state, shipped_at, first_scan_at, last_event_at, last_text, heard_at, closed,
        problem
    FROM parcels WHERE order_id = ANY(:ids) ORDER BY order_id, id
""")
# What the hub itself wrote there is no news.
_AUDITED: Final = ("message", "memo", "receiver_key", "goods")
_NOTED: Final = text("""
    SELECT order_id, line FROM write_backs WHERE kind = 'memo' AND order_id = ANY(:ids)
""")
_AHEAD: Final = text("""
    SELECT sku, order_id, ahead FROM (
        SELECT sku, order_id, coalesce(sum(pieces) OVER (
            PARTITION BY sku ORDER BY place, due_at, at, order_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS ahead
        FROM waiting_lines WHERE sku = ANY(:skus)
    ) placed WHERE order_id = ANY(:ids)
""")


def lock_orders(desk: Desk, ids: Sequence[int]) -> list[Row[Any]]:
    """The orders' rows, locked in the order of their ids."""
    return list(desk.session.execute(_ORDERS, {"ids": list(ids)}))


def read_orders(desk: Desk, ids: Sequence[int]) -> list[Row[Any]]:
    """The same rows, for whoever changes none of them."""
    return list(desk.session.execute(_READ_ORDERS, {"ids": list(ids)}))


def read_lines(desk: Desk, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """The orders' lines as they stand there."""
    return _lines(desk, ids)


def lines_of(desk: Desk, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """The orders' lines, with their merchant SKU as far as anybody has mapped it."""
    found = _lines(desk, ids)
    return _lines(desk, ids) if sku_map.apply(desk, found) else found


def _lines(desk: Desk, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in desk.session.execute(_LINES, {"ids": list(ids)}):
        found[row.order_id].append(row)
    return found


def parcels_of(desk: Desk, ids: Sequence[int]) -> dict[int, tuple[ParcelFacts, ...]]:
    """The parcels of orders that have left; nothing is asked where no courier interface tells of any."""
    found: dict[int, list[ParcelFacts]] = defaultdict(list)
    if desk.settings.courier is None or not ids:
        return {}
    for row in desk.session.execute(_PARCELS, {"ids": list(ids)}):
        found[row.order_id].append(parcel_facts(row))
    return {order_id: tuple(parcels) for order_id, parcels in found.items()}


def parcel_facts(row: Row[Any]) -> ParcelFacts:
    return ParcelFacts(
        courier_name(row.courier), row.waybill, row.state, row.shipped_at, row.first_scan_at, row.last_event_at,
        row.last_text, row.heard_at is not None, row.closed, row.problem,
    )  # fmt: skip


def parcel_limits(parcels: Parcels) -> ParcelLimits:
    warnings = (parcels.first_warning_hours, parcels.second_warning_hours)
    return ParcelLimits(
        timedelta(hours=parcels.scan_hours), timedelta(hours=parcels.stuck_hours),
        tuple(timedelta(hours=hours) for hours in sorted(warnings)),
    )  # fmt: skip


def checks_of(checks: Checks) -> rules.facts.Checks:
    return rules.facts.Checks(
        checks.finance_over_yuan * 100, checks.discount_percent,
        {sku: round(yuan * 100) for sku, yuan in checks.floors.items()}, checks.stopped_regions,
        timedelta(hours=checks.urgent_hours), timedelta(hours=checks.danger_hours),
        checks.refund_orders, checks.refund_percent, checks.many_orders,
    )  # fmt: skip


def shelf_of(desk: Desk, lines: Mapping[int, Iterable[Row[Any]]]) -> str:
    """How much of what is sold stands on the shelf (OrderFacts.shelf): all, once an ERP has told its stock. Asked only
    where a line is not known to it."""
    if all(line.on_hand is not None for rows in lines.values() for line in rows):
        return "part"
    return str(desk.session.execute(_SHELF).scalar_one())


class Facts:
    """Makes the facts of a batch; `lines` are those of lines_of, `parcels` those of parcels_of."""

    def __init__(
        self, desk: Desk, ids: Sequence[int], lines: Mapping[int, list[Row[Any]]],
        parcels: Mapping[int, tuple[ParcelFacts, ...]],
    ) -> None:  # fmt: skip
        self._vault = desk.vault
        self._limits = limits(tuned(desk).stale)
        self._lines = lines
        self._ahead = _ahead(desk, ids, lines)
        self._shelf = shelf_of(desk, lines)
        self._parcels = parcels
        self._parcel_limits = parcel_limits(desk.settings.parcels)
        self._custom = own_fields.facts(desk, ids)
        self._marks = marks.of(desk, ids)
        self._neighbours = Neighbours(desk, ids, receiver_of)
        self._checks = checks_of(desk.settings.checks)
        self._desk, self._ids, self._notes = desk, list(ids), dict[int, list[str]]()

    def of(self, row: Row[Any], stage: Stage, entered_at: Any) -> OrderFacts:
        """The facts of one order as it stands in `stage` since `entered_at`."""
        seen = receiver_of(self._vault, row.receiver)
        return OrderFacts(
            order_id=row.id,
            stage=stage,
            stage_entered_at=entered_at,
            created_at=row.created_at,
            lines=tuple(self._line(row.id, line) for line in self._lines.get(row.id, ())),
            stage_limit=self._limits.get(stage),
            ship_by_at=row.ship_by_at,
            not_before_at=row.not_before_at,
            hold=row.hold,
            refund=row.refund,
            province=row.province,
            city=row.city,
            district=row.district,
            town=row.town,
            address_seen=seen.address or seen.address_mask,
            address_whole=bool(seen.address),
            address_known=known(seen, seen.address or seen.address_mask),
            buyer_message=row.buyer_message[:MOST_WORDS],
            seller_memo=row.seller_memo[:MOST_WORDS],
            shelf=self._shelf,
            parcels=self._parcels.get(row.id, ()),
            parcel_limits=self._parcel_limits,
            platform=row.platform,
            shop=row.shop or "",
            tag=row.tag,
            kind=row.kind,
            effect=row.effect,
            platform_status=row.platform_status,
            paid_at=row.paid_at,
            paid_fen=row.paid_fen,
            goods_fen=row.goods_fen,
            post_fen=row.post_fen,
            discount_fen=row.discount_fen,
            buyer_key=row.buyer_key,
            receiver_key=row.receiver_key,
            seller_flag=row.seller_flag,
            shipped_at=row.shipped_at,
            waybill=row.waybill,
            courier=row.courier,
            promised=row.promised,
            urged_at=row.urged_at,
            name_known=known(seen, seen.name or seen.name_mask),
            phone_known=known(seen, seen.phone or seen.phone_mask),
            checks=self._checks,
            custom=self._custom.get(row.id, {}),
            marks=self._marks.get(row.id, frozenset()),
            audited=_audited(row.audited) if row.audited else None,
            noted=frozenset(self._noted(row)),
            **self._neighbours.of(row, stage),
        )

    def _noted(self, row: Row[Any]) -> Sequence[str]:
        """What people wrote from here into the memo; asked once for all, and only where there is any memo."""
        if not row.seller_memo:
            return ()
        if not self._notes:
            self._notes[0] = []
            for found in self._desk.session.execute(_NOTED, {"ids": self._ids}):
                self._notes.setdefault(found.order_id, []).append(found.line)
        return self._notes.get(row.id, ())

    def _line(self, order_id: int, line: Row[Any]) -> LineFacts:
        return LineFacts(
            line.sku, line.title, line.quantity, line.refund, line.shipped, line.on_hand,
            self._ahead.get((order_id, line.sku), 0), line.platform_sku, line.incoming or 0, line.incoming_at,
            line.spec, line.price_fen, line.paid_fen, line.parting, line.swapped_from,
        )  # fmt: skip


def _audited(kept: Mapping[str, Any]) -> Audited:
    """Cut like what it is compared with."""
    message, memo, receiver_key, goods = (kept[name] for name in _AUDITED)
    return Audited(message[:MOST_WORDS], memo[:MOST_WORDS], receiver_key, goods)


def known(seen: Receiver, value: str) -> bool | None:
    """Whether there is such a value; None where the platform hides all, or told nothing of the receiver."""
    return True if value else None if seen.cipher or seen.is_empty() else False


def receiver_of(vault: Vault, sealed: bytes | None) -> Receiver:
    """What is stored of a receiver; one that cannot be opened is one that nobody sees."""
    try:
        return vault.open_receiver(sealed)
    except CannotOpen:
        return Receiver()


def _ahead(
    desk: Desk, ids: Sequence[int], lines: Mapping[int, Iterable[Row[Any]]]
) -> dict[tuple[int, str], int]:  # fmt: skip
    """Per order and SKU that is tight: pieces that orders before it still need."""
    skus = {line.sku for rows in lines.values() for line in rows if line.on_hand is not None}
    if not skus:
        return {}
    tight = list(desk.session.execute(_TIGHT, {"skus": sorted(skus)}).scalars())
    if not tight:
        return {}
    found = desk.session.execute(_AHEAD, {"skus": tight, "ids": list(ids)})
    return {(row.order_id, row.sku): int(row.ahead) for row in found}
