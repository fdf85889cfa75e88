"""Several orders as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import groups
from handlers.desk import Desk, Refusal
from handlers.kinds import title_of
from handlers.rulebook import book as rulebook
from handlers.views import OrderListView, OrderRow
from handlers.wording import goods
from models.stages import Stage

SHOWN: Final = 10

_ROWS: Final = text("""
    SELECT o.id, o.tag, o.stage, o.stage_entered_at, o.hold, o.not_before_at, o.paid_fen,
        coalesce(s.name, o.platform) AS shop,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(l.title, l.spec, l.quantity) ORDER BY l.position), '[]')
            FROM order_lines l WHERE l.order_id = o.id) AS lines,
        (SELECT coalesce(jsonb_agg(c.kind ORDER BY c.id), '[]') FROM cases c
            WHERE c.order_id = o.id AND c.state IN ('open', 'claimed') AND c.kind <> 'stale_stage') AS kinds
    FROM unnest(cast(:ids AS bigint[])) WITH ORDINALITY AS wanted(id, place) JOIN orders o ON o.id = wanted.id
        LEFT JOIN shops s ON s.id = o.shop_id
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
    held = ("平台暂停",) if row.hold else ()
    return OrderRow(
        row.id, row.tag, Stage(row.stage), row.stage_entered_at, groups.is_stale(desk, row), summary,
        shop=row.shop, paid_fen=row.paid_fen, marks=(*held, *(rulebook.title_of(desk, kind) for kind in row.kinds)),
    )  # fmt: skip


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
