"""Goods come in: whoever waits for them is looked at again, and once that is done the SKU's card and the group hear
what came of it: 到货 20 件，放行 12 单，还差 3 单."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe
from handlers.desk import Desk
from handlers.shortage.census import Short
from models import Urgency

# Of matters that live; the rows in the order of their ids, as everybody takes them.
_MORE: Final = """
    UPDATE cases c SET evidence = c.evidence || jsonb_build_object({what}) FROM (
        SELECT m.id, x.pieces FROM cases m
            JOIN unnest(cast(:skus AS text[]), cast(:pieces AS int[])) AS x(sku, pieces) ON x.sku = m.group_key
        WHERE m.kind = 'shortage' AND m.order_id IS NULL AND m.state IN ('open', 'claimed') {which}
        ORDER BY m.id FOR NO KEY UPDATE OF m
    ) more WHERE c.id = more.id
"""
_COME: Final = text(_MORE.format(
    what="'arrived', coalesce(cast(c.evidence ->> 'arrived' AS int), 0) + more.pieces, "
         "'arrived_at', coalesce(c.evidence ->> 'arrived_at', cast(cast(:now AS timestamptz) AS text))",
    which="",
))  # fmt: skip
_RELEASED: Final = text(_MORE.format(
    what="'released', coalesce(cast(c.evidence ->> 'released' AS int), 0) + more.pieces",
    which="AND m.evidence ->> 'arrived' IS NOT NULL",
))  # fmt: skip
_STILL_LOOKING: Final = text("""
    SELECT DISTINCT w.sku FROM waiting_lines w JOIN orders o ON o.id = w.order_id
    WHERE w.sku = ANY(:skus) AND o.recheck_at <= :now
""")


def come(desk: Desk, pieces: Mapping[str, int]) -> None:
    """So many more of each SKU lie there than before."""
    more = {sku: count for sku, count in pieces.items() if count > 0}
    if more:
        desk.session.execute(_COME, {"skus": list(more), "pieces": list(more.values()), "now": desk.now})


def released(desk: Desk, skus: Iterable[str]) -> None:
    """Orders that were short of these (a SKU stands there once for each of them) have their goods now."""
    many = Counter(skus)
    if many:
        desk.session.execute(_RELEASED, {"skus": list(many), "pieces": list(many.values())})


def news(desk: Desk, live: Iterable[Row[Any]], found: Mapping[str, Short]) -> dict[int, str]:
    """Of these matters (id, group_key, evidence) what their goods led to, in words; none while orders are still to be
    looked at. The group hears it where orders go on by it."""
    come_in = [row for row in live if row.evidence.get("arrived")]
    if not come_in:
        return {}
    asked = {"skus": [row.group_key for row in come_in], "now": desk.now}
    looking = set(desk.session.execute(_STILL_LOOKING, asked).scalars())
    done = [row for row in come_in if row.group_key not in looking]
    said = {row.id: _words(row, found.get(row.group_key)) for row in done}
    owe.owe(desk, [_to_group(row, said[row.id]) for row in done if row.evidence.get("released")])
    return said


TOLD: Final[Mapping[str, Any]] = {"arrived": None, "arrived_at": None, "released": None}
"""What is forgotten once it was said."""


def _words(row: Row[Any], short: Short | None) -> str:
    rest = f"还差 {short.orders} 单（{short.missing} 件）" if short else "没有订单再缺它"
    return f"到货 {row.evidence['arrived']} 件，放行 {row.evidence.get('released') or 0} 单，{rest}"


def _to_group(row: Row[Any], words: str) -> owe.Owed:
    title = row.evidence.get("title")
    named = f"{title}（{row.group_key}）" if title else row.group_key
    body = {"text": f"{named}{words}。按发货期限先后放行"}
    key = f"case:{row.id}:arrived:{row.revision}"
    return owe.Owed(key, "group", "text", f"case:{row.id}", body=body, urgency=Urgency.CARD)
