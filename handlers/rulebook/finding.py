"""查 标记 大额: the orders that bear a tag, the newest first."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import text

from handlers import listing, show
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import normal
from handlers.rulebook.marks import MARK
from handlers.views import OrderListView, View

_SEARCH: Final = re.compile(rf"{MARK}\s*[=:\s]\s*[「'\"“]?([^\s「」'\"“”]{{1,10}})[」'\"”]?")
_FIND: Final = text("""
    SELECT o.id, count(*) OVER () AS total FROM orders o WHERE o.id IN (
        SELECT order_id FROM rule_acts WHERE tag = :tag AND undone_at IS NULL)
    ORDER BY o.created_at DESC, o.id DESC LIMIT :most
""")
_KNOWN: Final = text("""
    SELECT DISTINCT tag FROM rule_acts WHERE tag IS NOT NULL AND undone_at IS NULL ORDER BY 1 LIMIT 20
""")


def find(desk: Desk, words: str, actor: Actor) -> View | None:
    """The orders with a tag, the newest first; None where no tag is meant. Raises Refusal where no order bears it."""
    named = _SEARCH.fullmatch(normal(words))
    if named is None:
        return None
    rows = desk.session.execute(_FIND, {"tag": named[1], "most": listing.SHOWN}).all()
    if not rows:
        known = "、".join(desk.session.execute(_KNOWN).scalars())
        raise Refusal(f"没有标记「{named[1]}」的订单" + (f"，现在有的标记：{known}" if known else ""))
    if rows[0].total == 1:
        return show.show_order(desk, rows[0].id, actor)
    return OrderListView(
        title=f"标记「{named[1]}」",
        rows=listing.rows(desk, [row.id for row in rows]),
        total=rows[0].total,
        hint="最新的在前；回复完整编号查看",
    )
