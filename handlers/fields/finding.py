"""查 礼盒=是: the orders that have such values, the newest first."""

from __future__ import annotations

import json
import re
from typing import Final

from sqlalchemy import text

from handlers import listing, mask, show
from handlers.desk import Actor, Desk, Refusal
from handlers.fields import naming
from handlers.fields.living import by_name, living
from handlers.parse import normal
from handlers.views import OrderListView, View
from handlers.wording import day_of

_FIND: Final = text("""
    WITH wanted AS (
        SELECT field_id, value FROM jsonb_to_recordset(cast(:wanted AS jsonb)) AS x(field_id bigint, value jsonb)
    )
    SELECT o.id, count(*) OVER () AS total FROM orders o WHERE o.id IN (
        SELECT v.order_id FROM wanted w JOIN field_values v ON v.field_id = w.field_id AND v.value = w.value
        GROUP BY v.order_id HAVING count(*) = :many)
    ORDER BY o.created_at DESC, o.id DESC LIMIT :most
""")
_SIGNED: Final = re.compile(r"[^\s=]{1,20}\s*=")
_WORD: Final = re.compile(r"\S+(?=\s+\S)")


def find(desk: Desk, words: str, actor: Actor) -> View | None:
    """None where no field is named. Raises Refusal for a field that there is not, for a value that it cannot be, and
    where no order has it."""
    line = normal(words)
    signed = _SIGNED.match(line) is not None
    first = _WORD.match(line)
    if not signed and (first is None or first[0] not in by_name(desk)):
        return None
    said = naming.read(words, living(desk), day_of(desk.now))
    if any(one.value is None for one in said):
        raise Refusal("查空着的还不行，请写一个值，例如：查 礼盒=是")
    called = "，".join(f"{one.field.name}={mask.phones(one.field.manner.shown(one.value))}" for one in said)
    wanted = [{"field_id": one.field.id, "value": one.value} for one in said]
    values = {"wanted": json.dumps(wanted, ensure_ascii=False), "many": len(said), "most": listing.SHOWN}
    rows = desk.session.execute(_FIND, values).all()
    if not rows:
        raise Refusal(f"没有 {called} 的订单")
    if rows[0].total == 1:
        return show.show_order(desk, rows[0].id, actor)
    return OrderListView(
        title=called,
        rows=listing.rows(desk, [row.id for row in rows]),
        total=rows[0].total,
        hint="最新的在前；回复完整编号查看",
    )
