"""What lies on the shelf: counted down when goods leave, counted anew by people, told by ERPs; and who must be looked
at again when it changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import insert

from handlers.desk import Desk
from handlers.shortage import arrivals
from models import Stock

# What an ERP counts it counts down itself, where it knows the order: of the shops that it serves (`limited` are those
# of the ERPs that serve some only). What it does not know is remembered until it counts anew.
_GONE: Final = """
    FROM (
        SELECT l.sku, sum(l.quantity) AS pieces, v.sources IS NOT NULL AS told
        FROM order_lines l JOIN orders o ON o.id = l.order_id LEFT JOIN shops p ON p.id = o.shop_id
            LEFT JOIN (SELECT sku, array_agg(DISTINCT source) AS sources FROM stock_levels
                WHERE sku IN (SELECT sku FROM order_lines WHERE order_id = ANY(:ids)) GROUP BY sku) v ON v.sku = l.sku
        WHERE l.order_id = ANY(:ids) AND l.refund <> 'refunded' AND l.parting <> 'gone'
            AND (:later OR l.parting = '') AND NOT EXISTS (
            SELECT FROM unnest(v.sources) AS w(source)
            WHERE w.source <> ALL(:limited) OR w.source || ':' || p.slug = ANY(:served))
        GROUP BY l.sku, v.sources
    ) gone
    WHERE s.sku = gone.sku
"""
# Before either, the shelf by SKU, as handlers/shortage/claims.py takes it.
_SHELF: Final = text("""
    SELECT sku FROM stock WHERE sku IN (SELECT sku FROM order_lines WHERE order_id = ANY(:ids))
    ORDER BY sku FOR NO KEY UPDATE
""")
# The same of these SKUs, as the database sorts them: Python may sort otherwise.
_THESE: Final = text("SELECT sku FROM stock WHERE sku = ANY(:skus) ORDER BY sku FOR NO KEY UPDATE")
_TAKE: Final = text(f"""
    UPDATE stock s SET on_hand = greatest(s.on_hand - gone.pieces, 0), updated_at = :now,
        outside = s.outside + CASE WHEN gone.told THEN gone.pieces ELSE 0 END {_GONE}
""")
_PUT_BACK: Final = text(f"""
    UPDATE stock s SET on_hand = s.on_hand + gone.pieces, updated_at = :now,
        outside = greatest(s.outside - CASE WHEN gone.told THEN gone.pieces ELSE 0 END, 0) {_GONE}
""")

# Orders are locked by id, and before the shelf, as by everybody who needs both.
_WAKE: Final = """
    UPDATE orders o SET recheck_at = :now FROM (
        SELECT w.id FROM orders w WHERE {which} ORDER BY w.id FOR NO KEY UPDATE OF w {skip}
    ) waiting WHERE o.id = waiting.id
"""
_SHORT_OF: Final = """
    w.id IN (SELECT c.order_id FROM cases c WHERE c.kind = 'short_stock' AND c.state IN ('open', 'claimed')
        AND c.evidence -> 'skus' ?| {skus} {more})
"""
_WAKE_THESE: Final = text(_WAKE.format(which="w.id = ANY(:ids)", skip=""))
_ADD: Final = text("""
    INSERT INTO stock (sku, on_hand, updated_at) VALUES (:sku, :pieces, :now)
    ON CONFLICT (sku) DO UPDATE SET on_hand = stock.on_hand + excluded.on_hand, updated_at = excluded.updated_at
    RETURNING on_hand
""")
# Whoever frees goods holds orders already and waits for no others: handlers/shortage/places.py finds the skipped.
_WAKE_BEHIND: Final = text(
    _WAKE.format(
        which=_SHORT_OF.format(
            skus="ARRAY(SELECT DISTINCT sku FROM order_lines WHERE order_id = ANY(:ids))",
            more="AND c.order_id <> ALL(:ids)",
        ),
        skip="SKIP LOCKED",
    )
)
# Whoever is short of a SKU, and whoever waits for a tight one: in one statement, so that all are locked by id.
_WAKE_CONCERNED: Final = text(
    _WAKE.format(
        which=_SHORT_OF.format(
            skus="cast(:skus AS text[])",
            more="UNION SELECT order_id FROM waiting_lines WHERE sku = ANY(cast(:tight AS text[]))",
        ),
        skip="",
    )
)

_STANDS: Final = text("""
    SELECT x.sku, s.on_hand, s.locked, s.incoming, s.outside, coalesce(w.pieces, 0) AS needed,
        (SELECT min(source) FROM stock_levels l WHERE l.sku = x.sku) AS source
    FROM unnest(cast(:skus AS text[])) AS x(sku) LEFT JOIN stock s USING (sku)
        LEFT JOIN (SELECT sku, sum(pieces) AS pieces FROM sku_needs WHERE sku = ANY(cast(:skus AS text[]))
            GROUP BY sku) w USING (sku)
""")

# As it is written on the shelf's list, however it is typed; else as an order names it.
_KNOWN: Final = text("""
    SELECT sku FROM (
        SELECT sku, 1 AS place FROM stock WHERE lower(sku) = lower(:sku)
        UNION ALL (SELECT sku, 2 FROM order_lines WHERE sku = :sku LIMIT 1)
    ) found ORDER BY place, sku <> :sku LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class Figures:
    """What the shelf's row of a SKU says. `locked`: held by others than the hub's own orders; `outside`: what left
    without the ERP that counts it, and is taken off `on_hand`."""

    on_hand: int
    locked: int = 0
    incoming: int = 0
    outside: int = 0


@dataclass(slots=True)
class Counted:
    """What became of many counts: SKU → [before, now] of those that changed (None: it was not known), how many stood
    so already, and those that an ERP counts, which were left alone."""

    changed: dict[str, list[int | None]]
    same: int = 0
    of_erp: tuple[str, ...] = ()


def seed_stock(desk: Desk) -> None:
    """Insert the SKUs that `hub.toml` names and the table lacks; counted ones stay."""
    rows = [{"sku": sku, "on_hand": pieces, "updated_at": desk.now} for sku, pieces in desk.settings.stock.items()]
    if rows:
        desk.session.execute(insert(Stock).on_conflict_do_nothing(), rows)


def take(desk: Desk, order_ids: Sequence[int], *, later: bool = True) -> None:
    """These orders left the house: their goods are no longer on the shelf; what left before is not there to be taken.
    `later`: with what was to leave after the rest."""
    if order_ids:
        desk.session.execute(_SHELF, {"ids": list(order_ids)})
        desk.session.execute(_TAKE, {"ids": list(order_ids), "later": later, "now": desk.now, **_served(desk)})


def put_back(desk: Desk, order_ids: Sequence[int]) -> None:
    """These orders had not left after all, a moment after it was said: their goods lie there as before."""
    if order_ids:
        desk.session.execute(_SHELF, {"ids": list(order_ids)})
        desk.session.execute(_PUT_BACK, {"ids": list(order_ids), "later": True, "now": desk.now, **_served(desk)})


def _served(desk: Desk) -> dict[str, list[str]]:
    """The ERPs that serve some shops only, and those shops."""
    erps = [erp for erp in desk.settings.erp if erp.shops]
    return {
        "limited": [erp.slug for erp in erps],
        "served": [f"{one.slug}:{shop}" for one in erps for shop in one.shops],
    }


def freed(desk: Desk, order_ids: Sequence[int]) -> None:
    """These orders need their goods no longer: orders that are short of them are looked at again."""
    if order_ids:
        desk.session.execute(_WAKE_BEHIND, {"ids": list(order_ids), "now": desk.now})


def wake(desk: Desk, order_ids: Sequence[int]) -> None:
    """What is known of these orders' goods has changed: they are looked at again."""
    if order_ids:
        desk.session.execute(_WAKE_THESE, {"ids": list(order_ids), "now": desk.now})


def add(desk: Desk, sku: str, pieces: int) -> int:
    """So many more lie there; whoever waits for them is looked at again. How many there are now."""
    desk.session.execute(_WAKE_CONCERNED, {"skus": [sku], "tight": [sku], "now": desk.now})
    arrivals.come(desk, {sku: pieces})
    return int(desk.session.execute(_ADD, {"sku": sku, "pieces": pieces, "now": desk.now}).scalar_one())


def count(desk: Desk, sku: str, on_hand: int) -> int | None:
    """So many pieces lie there now; whoever that concerns is looked at again. How many there were before."""
    return count_many(desk, {sku: on_hand}, even_of_erps=True).changed.get(sku, [on_hand])[0]


def count_many(desk: Desk, counts: Mapping[str, int], *, even_of_erps: bool = False) -> Counted:
    """So many pieces lie there of each SKU now; SKUs that are not named stay as they are."""
    rows = {row.sku: row for row in stands(desk, counts)}
    left = () if even_of_erps else tuple(sorted(sku for sku, row in rows.items() if row.source))
    wanted = {
        sku: Figures(pieces, rows[sku].locked or 0, rows[sku].incoming or 0)
        for sku, pieces in counts.items()
        if sku not in left
    }
    made = Counted({sku: [rows[sku].on_hand, new.on_hand] for sku, new in wanted.items() if _differs(rows[sku], new)})
    made.same, made.of_erp = len(wanted) - len(made.changed), left
    put(desk, wanted, rows)
    return made


def stands(desk: Desk, skus: Iterable[str]) -> list[Row[Any]]:
    """What the shelf says of each SKU (None where it knows none), how many pieces open orders need of it, and which ERP
    counts it."""
    return list(desk.session.execute(_STANDS, {"skus": sorted(skus)}))


def put(desk: Desk, figures: Mapping[str, Figures], before: Mapping[str, Row[Any]]) -> None:
    """Write the shelf's rows, and wake whom the change concerns: who is short of a SKU; everybody who waits for one of
    which there is not enough for all, or that was not known until now."""
    changed = {sku: new for sku, new in figures.items() if _differs(before[sku], new)}
    if not changed:
        return
    tight = [sku for sku, new in changed.items() if _concerns_all(before[sku], new)]
    desk.session.execute(_WAKE_CONCERNED, {"skus": sorted(changed), "tight": sorted(tight), "now": desk.now})
    arrivals.come(desk, {sku: _more(before[sku], new) for sku, new in changed.items()})
    rows = [
        {
            "sku": sku,
            "on_hand": new.on_hand,
            "locked": new.locked,
            "incoming": new.incoming,
            "outside": new.outside,
            "updated_at": desk.now,
        }
        for sku, new in sorted(changed.items())
    ]
    desk.session.execute(_THESE, {"skus": sorted(changed)})
    told = insert(Stock)
    written = {name: told.excluded[name] for name in ("on_hand", "locked", "incoming", "outside", "updated_at")}
    desk.session.execute(told.on_conflict_do_update(index_elements=["sku"], set_=written), rows)


def _differs(before: Row[Any], new: Figures) -> bool:
    stood = (before.on_hand, before.locked, before.incoming, before.outside)
    return stood != (new.on_hand, new.locked, new.incoming, new.outside)


def _more(before: Row[Any], new: Figures) -> int:
    """So many pieces more are free now."""
    return new.on_hand - new.locked - ((before.on_hand or 0) - (before.locked or 0))


def _concerns_all(before: Row[Any], new: Figures) -> bool:
    return before.on_hand is None or before.needed > new.on_hand - new.locked


def known(desk: Desk, sku: str) -> str | None:
    """The SKU that is meant, None where neither the shelf nor an order has it."""
    return desk.session.execute(_KNOWN, {"sku": sku}).scalar_one_or_none()
