"""Several orders as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import groups, show
from handlers.desk import Desk, Refusal
from handlers.kinds import title_of
from handlers.views import OrderListView, OrderRow
from handlers.wording import goods
from models.stages import Stage

SHOWN: Final = 10

_ROWS: Final = text("""
    SELECT o.id, o.tag, o.stage, o.stage_entered_at, o.hold, o.not_before_at,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(l.title, l.spec, l.quantity) ORDER BY l.position), '[]')
            FROM order_lines l WHERE l.order_id = o.id) AS lines
    FROM unnest(cast(:ids AS bigint[])) WITH ORDINALITY AS wanted(id, place) JOIN orders o ON o.id = wanted.id
    ORDER BY wanted.place
""")
_GROUP: Final = text("SELECT kind, group_key, evidence FROM cases WHERE id = :id")


def rows(desk: Desk, order_ids: Sequence[int]) -> tuple[OrderRow, ...]:
    """These orders, in the order of the ids."""
    if not order_ids:
        return ()
    return tuple(_row(desk, row) for row in desk.session.execute(_ROWS, {"ids": list(order_ids)}))


def _row(desk: Desk, row: Row[Any]) -> OrderRow:
    summary = goods([(line[0], line[1], line[2]) for line in row.lines])
    return OrderRow(row.id, row.tag, Stage(row.stage), row.stage_entered_at, show.is_stale(desk, row), summary)


def of_group(desk: Desk, case_id: int) -> OrderListView:
    """The members of a group matter. Raises Refusal for any other case."""
    case = desk.session.execute(_GROUP, {"id": case_id}).one_or_none()
    if case is None or case.kind != groups.KIND:
        raise Refusal("这件事没有订单清单")
    stage = Stage(case.group_key)
    members = groups.members(desk, stage, SHOWN * 2)
    return OrderListView(
        title=title_of(case.kind, case.evidence),
        rows=rows(desk, [member.id for member in members]),
        total=groups.census(desk, stage).orders,
        hint="最久的在前；回复编号查看",
    )
