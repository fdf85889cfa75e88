"""The last pieces go to one order only: what an audit promises is checked against the shelf at that moment, the
SKU's row held until the audit is kept. Two people at once: the second sees what the first has taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from rules.short_stock import mark_of

# Whoever needs both locks orders before the shelf, and the shelf by SKU.
_SHELF: Final = text("""
    SELECT s.sku, s.on_hand - s.locked AS free FROM stock s
    WHERE s.sku IN (SELECT sku FROM waiting_lines WHERE order_id = ANY(:ids)) ORDER BY s.sku FOR NO KEY UPDATE
""")
# A statement of its own: what another transaction took before it let go of the shelf is seen.
_TIGHT: Final = text("SELECT sku, sum(pieces) AS pieces FROM sku_needs WHERE sku = ANY(:skus) GROUP BY sku")
_PLACES: Final = text("""
    SELECT p.sku, p.order_id, p.pieces, p.ahead, o.tag AS before,
        (SELECT btrim(l.title || ' ' || l.spec) FROM order_lines l WHERE l.order_id = p.order_id AND l.sku = p.sku
            LIMIT 1) AS title
    FROM (
        SELECT sku, order_id, pieces, later,
            coalesce(sum(pieces) OVER (placed ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS ahead,
            lag(order_id) OVER placed AS before_id
        FROM waiting_lines WHERE sku = ANY(:skus)
        WINDOW placed AS (PARTITION BY sku ORDER BY place, due_at, at, order_id)
    ) p LEFT JOIN orders o ON o.id = p.before_id WHERE p.order_id = ANY(:ids) AND NOT p.later
    ORDER BY p.order_id, p.sku
""")
# A person said of exactly this shortness that the order can go all the same.
_SETTLED: Final = text("""
    SELECT order_id, evidence ->> 'mark' AS mark FROM cases
    WHERE order_id = ANY(:ids) AND kind = 'short_stock' AND solved_by IS NOT NULL
""")


@dataclass(frozen=True, slots=True)
class _Want:
    """What an order lacks of a SKU: it needs `pieces`, and `left` are left for it."""

    sku: str
    title: str
    pieces: int
    left: int
    before: str

    @property
    def words(self) -> str:
        after = f"排在前面的 {self.before} 等单先用" if self.before else "刚被盘点或占用"
        return f"{self.title}（{self.sku}）要 {self.pieces} 件，只剩 {self.left} 件，{after}"


def hinder(desk: Desk, order_ids: Sequence[int]) -> dict[int, str]:
    """Why these orders (locked) cannot be promised their goods now; whoever is not named can. The shelf's rows of all
    their SKUs stay locked until the end of the transaction. An order that is parted (拆单先发) is promised what leaves
    now, and nothing of the rest."""
    ids = list(order_ids)
    free = {row.sku: row.free for row in desk.session.execute(_SHELF, {"ids": ids})}
    wanted = desk.session.execute(_TIGHT, {"skus": list(free)}) if free else ()
    tight = [row.sku for row in wanted if row.pieces > free[row.sku]]
    if not tight:
        return {}
    lacking: dict[int, list[_Want]] = defaultdict(list)
    for row in desk.session.execute(_PLACES, {"skus": tight, "ids": ids}):
        if row.ahead + row.pieces > free[row.sku]:
            lacking[row.order_id].append(_want(row, free[row.sku]))
    settled = _settled(desk, lacking) if lacking else set()
    return {
        order_id: "缺货：" + "；".join(one.words for one in found)
        for order_id, found in lacking.items()
        if (order_id, mark_of({one.sku: one.pieces for one in found})) not in settled
    }


def _want(row: Row[Any], free: int) -> _Want:
    return _Want(row.sku, row.title or "", row.pieces, max(free - int(row.ahead), 0), row.before or "")


def _settled(desk: Desk, lacking: dict[int, list[_Want]]) -> set[tuple[int, str]]:
    return {(row.order_id, row.mark) for row in desk.session.execute(_SETTLED, {"ids": list(lacking)})}
