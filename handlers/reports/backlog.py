"""`积压`: how much lies in each stage and of each shop, since when, how much money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.reports import waiting
from handlers.reports.scope import IN_SCOPE, Scope
from handlers.reports.view import BacklogView, Load
from models.stages import TITLES

_SHOWN: Final = 5

_LOAD: Final = text(f"""
    SELECT g.*, coalesce(s.name, g.platform) AS shop FROM (
        SELECT o.stage, o.shop_id, min(o.platform) AS platform, count(*) AS orders, min(o.stage_entered_at) AS oldest,
            coalesce(sum(o.paid_fen), 0) AS fen, count(*) FILTER (WHERE {waiting.STALE}) AS stale
        FROM orders o WHERE {IN_SCOPE} GROUP BY o.stage, o.shop_id) g LEFT JOIN shops s ON s.id = g.shop_id
""")
_OLDEST: Final = text(f"""
    SELECT {waiting.COLUMNS} FROM orders o WHERE o.id IN (
        SELECT o.id FROM orders o WHERE {IN_SCOPE} ORDER BY o.stage_entered_at LIMIT :n)
    ORDER BY o.stage_entered_at, o.id
""")


def backlog(desk: Desk, scope: Scope) -> BacklogView:
    """The open orders of `scope`."""
    values = {**scope.parameters, **waiting.cutoffs(desk), "n": _SHOWN}
    found = desk.session.execute(_LOAD, values).all()
    by_stage, by_shop = defaultdict(list), defaultdict(list)
    for row in found:
        by_stage[row.stage].append(row)
        by_shop[row.shop].append(row)
    shops = [_load(shop, rows) for shop, rows in by_shop.items()]
    return BacklogView(
        at=desk.now,
        title=scope.title,
        stages=tuple(_load(TITLES[stage], by_stage[str(stage)]) for stage in scope.stages),
        shops=tuple(sorted(shops, key=lambda load: (-load.orders, load.title))),
        oldest=waiting.rows(desk.session.execute(_OLDEST, values)),
    )


def _load(title: str, rows: Iterable[Row[Any]]) -> Load:
    rows = list(rows)
    oldest: datetime | None = min((row.oldest for row in rows), default=None)
    return Load(
        title, sum(row.orders for row in rows), sum(row.stale for row in rows), oldest,
        int(sum(row.fen for row in rows)),
    )  # fmt: skip
