"""What ERPs tell of stock becomes the shelf. Nothing is counted twice: the hub subtracts what its own open orders need,
and an ERP that downloads the same orders holds the same pieces for them.

An ERP whose figure is gross tells what lies there and what its orders hold of it. Of what is held, the hub's own need
is known; only the rest is held by others. An ERP whose figure is net has taken its orders off already: what the hub's
own open orders need is put back, because it will be subtracted again.

What left by orders that the ERP does not know it still counts: that is subtracted until it tells another figure, other
than by what its own orders took (as much less as it holds less).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import stock
from handlers.desk import Desk
from handlers.stock import Figures


@dataclass(frozen=True, slots=True)
class Level:
    """One SKU in one warehouse of an ERP, as ingest/erp/source.py says."""

    sku: str
    on_hand: int
    held: int = 0
    incoming: int = 0
    warehouse: str = ""


_TOLD: Final = text("""
    INSERT INTO stock_levels (sku, source, warehouse, on_hand, held, incoming, net, updated_at)
    SELECT DISTINCT ON (sku, warehouse) sku, :source, warehouse, on_hand, held, incoming, :net,
        cast(:now AS timestamptz)
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(place int, sku text, warehouse text, on_hand int, held int,
        incoming int)
    ORDER BY sku, warehouse, place DESC
    ON CONFLICT (sku, source, warehouse) DO UPDATE SET on_hand = excluded.on_hand, held = excluded.held,
        incoming = excluded.incoming, net = excluded.net, updated_at = excluded.updated_at
    WHERE (stock_levels.on_hand, stock_levels.held, stock_levels.incoming, stock_levels.net)
        IS DISTINCT FROM (excluded.on_hand, excluded.held, excluded.incoming, excluded.net)
""")
_RECOUNTED: Final = text("""
    SELECT DISTINCT x.sku FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(sku text, warehouse text, on_hand int,
        held int) LEFT JOIN stock_levels l ON l.sku = x.sku AND l.source = :source AND l.warehouse = x.warehouse
    WHERE x.sku = ANY(:skus) AND x.on_hand IS DISTINCT FROM l.on_hand
        AND (:net OR l.sku IS NULL OR x.on_hand > l.on_hand OR l.on_hand - x.on_hand <> l.held - x.held)
""")
_LEVELS: Final = text("SELECT sku, on_hand, held, incoming, net FROM stock_levels WHERE sku = ANY(:skus)")
# Of the shops that the ERP serves; what other shops of the hub need it does not hold.
_OURS: Final = text("""
    SELECT w.sku, sum(w.pieces) AS pieces FROM waiting_lines w JOIN orders o ON o.id = w.order_id
    WHERE w.sku = ANY(:skus) AND (:every OR o.shop_id = ANY(:shops)) GROUP BY w.sku
""")
_SHOPS: Final = text("SELECT id FROM shops WHERE slug = ANY(:slugs)")


def told(desk: Desk, source: str, levels: Sequence[Level], *, net: bool, shops: Sequence[str]) -> None:
    """An ERP (`source`) tells these levels; `shops`: the slugs of the hub's shops that it serves, none for all."""
    if not levels:
        return
    rows = [{"place": place, **asdict(level)} for place, level in enumerate(levels)]
    said = {"rows": json.dumps(rows, ensure_ascii=False), "source": source, "net": net}
    skus = sorted({level.sku for level in levels})
    before = {row.sku: row for row in stock.stands(desk, skus)}
    outside = _outside(desk, before, said)
    desk.session.execute(_TOLD, {**said, "now": desk.now})
    stock.put(
        desk, {sku: _without(new, outside.get(sku, 0)) for sku, new in _figures(desk, skus, shops).items()}, before
    )


def _outside(desk: Desk, before: Mapping[str, Row[Any]], said: Mapping[str, Any]) -> dict[str, int]:
    """SKU → the pieces that left without the ERP, and that it has not counted since."""
    outside = {sku: row.outside for sku, row in before.items() if row.outside}
    anew = desk.session.execute(_RECOUNTED, {**said, "skus": list(outside)}).scalars() if outside else ()
    recounted = set(anew)
    return {sku: pieces for sku, pieces in outside.items() if sku not in recounted}


def _without(new: Figures, outside: int) -> Figures:
    return replace(new, on_hand=max(new.on_hand - outside, 0), outside=outside)


def _figures(desk: Desk, skus: Sequence[str], shops: Sequence[str]) -> dict[str, Figures]:
    of: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in desk.session.execute(_LEVELS, {"skus": list(skus)}):
        of[row.sku].append(row)
    ours = _needed(desk, skus, shops)
    return {sku: figures(rows, ours.get(sku, 0)) for sku, rows in of.items()}


def figures(levels: Sequence[Row[Any]], ours: int) -> Figures:
    """The shelf's row of one SKU, from its levels and what the hub's own open orders need of it."""
    held = sum(level.held for level in levels if not level.net)
    back = ours if any(level.net for level in levels) else 0
    on_hand = sum(level.on_hand for level in levels) + back
    return Figures(on_hand, max(held - ours, 0), sum(level.incoming for level in levels))


def _needed(desk: Desk, skus: Sequence[str], shops: Sequence[str]) -> dict[str, int]:
    ids = list(desk.session.execute(_SHOPS, {"slugs": list(shops)}).scalars()) if shops else []
    found = desk.session.execute(_OURS, {"skus": list(skus), "every": not shops, "shops": ids})
    return {row.sku: int(row.pieces) for row in found}
