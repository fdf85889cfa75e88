"""`库存` without a SKU: what open orders need more of than there is. `库存 马克杯`: the SKUs that are called so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.views import TextView

SHOWN: Final = 10

_SHORT: Final = text("""
    SELECT w.sku, w.pieces, w.orders, s.on_hand - s.locked AS free, s.incoming, count(*) OVER () AS total
    FROM (SELECT sku, sum(pieces) AS pieces, count(*) AS orders FROM waiting_lines GROUP BY sku) w
        JOIN stock s USING (sku)
    WHERE w.pieces > s.on_hand - s.locked ORDER BY w.pieces - (s.on_hand - s.locked) DESC, w.sku LIMIT :n
""")
# By a part of the SKU on the shelf, or of what is in an open order, which are few beside all that was ever sold.
_CALLED: Final = text("""
    SELECT sku, min(title) AS title FROM (
        SELECT sku, '' AS title FROM stock WHERE strpos(lower(sku), :word) > 0
        UNION ALL
        SELECT l.sku, btrim(l.title || ' ' || l.spec) FROM waiting_lines w
            JOIN order_lines l ON l.order_id = w.order_id AND l.sku = w.sku
        WHERE strpos(lower(l.sku || ' ' || l.title || ' ' || l.spec), :word) > 0) found
    GROUP BY sku ORDER BY sku LIMIT :n
""")


def short(desk: Desk) -> TextView:
    """The SKUs of which there is too little, the worst first."""
    rows = desk.session.execute(_SHORT, {"n": SHOWN}).all()
    if not rows:
        return TextView("现在没有缺货的 SKU。看一种货请发：库存 SKU，例如：库存 QH-CUP-RED")
    lines = [f"**缺货 {rows[0].total} 种**", *(_short(row) for row in rows)]
    if rows[0].total > len(rows):
        lines.append(f"还有 {rows[0].total - len(rows)} 种没有列出")
    return TextView("\n".join([*lines, f"> 看一种货请发：库存 {rows[0].sku}"]))


def _short(row: Row[Any]) -> str:
    coming = f"，在途 {row.incoming} 件" if row.incoming else ""
    return f"- {row.sku} 缺 {row.pieces - row.free} 件：可用 {row.free} 件，{row.orders} 单要 {row.pieces} 件{coming}"


def called(desk: Desk, word: str) -> list[str]:
    """The SKUs that hold `word`, or whose goods are called so."""
    return [row.sku for row in desk.session.execute(_CALLED, {"word": word.lower(), "n": SHOWN + 1})]


def choices(desk: Desk, word: str, skus: Sequence[str]) -> TextView:
    """Several are called so: which one?"""
    lines = [f"**「{word[:20]}」有 {len(skus)} 种**" if len(skus) <= SHOWN else f"**「{word[:20]}」有好多种**"]
    lines += [f"- {sku}" for sku in skus[:SHOWN]]
    return TextView("\n".join([*lines, f"> 请发：库存 {skus[0]}"]))
