"""What was sent, or will be, to mend an order (补发, 换货), in words for its buyer: what was made in chat stands with
the order that it mends, whose number the buyer knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.customers import state
from handlers.desk import Desk
from handlers.wording import ORDER_KINDS
from models.stages import Stage

_OF: Final = text(f"""
    SELECT {state.COLUMNS}, k.kind, k.original_order_id,
        ARRAY(SELECT c.kind FROM cases c WHERE c.order_id = o.id AND c.state IN ('open', 'claimed')
            AND c.kind IN ('return_not_in', 'resend_check')) AS waits_for
    FROM order_links k JOIN orders o ON o.id = k.order_id
    WHERE k.original_order_id = ANY(:ids) AND o.platform = 'chat' AND o.stage <> 'cancelled' ORDER BY o.id
""")


def of(desk: Desk, order_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """By the order that is mended; as state.order gives them, with `kind` and what they wait for."""
    found: dict[int, list[Row[Any]]] = {}
    for row in desk.session.execute(_OF, {"ids": list(order_ids)}):
        found.setdefault(row.original_order_id, []).append(row)
    return found


def said(desk: Desk, one: Row[Any]) -> str:
    """How an order stands, and what was sent for it; `one`: as state.order gives it."""
    return all_said(desk, [one])[0]


def all_said(desk: Desk, rows: Sequence[Row[Any]]) -> list[str]:
    """已发货，韵达 YD1；已补发：顺丰速运 SF1，运输中."""
    found = of(desk, [one.id for one in rows])
    return [
        "；".join([state.said(one, desk.now), *(words(row, desk.now) for row in found.get(one.id, ()))]) for one in rows
    ]


def words(row: Row[Any], now: datetime) -> str:
    """补发：正在备货，预计 11-27 18:00 前发出."""
    title = ORDER_KINDS[row.kind]
    if Stage(row.stage) is Stage.DONE:
        return f"已{title}{state.shipped(row).removeprefix('已发货').replace('，', '：', 1)}"
    if "return_not_in" in row.waits_for:
        return f"{title}：等退货入库后发出"
    if "resend_check" in row.waits_for:
        return f"{title}：正在核对，核对好马上安排"
    return f"{title}：{state.said(row, now).removeprefix('已收到，')}"
