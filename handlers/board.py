"""The board's numbers: what lies where, what is late, how much money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from handlers.desk import Actor, Desk
from handlers.kinds import limits
from handlers.rulebook.book import title_of
from handlers.shortage.counted import ONCE
from handlers.tuning import promos
from handlers.tuning.tuned import tuned
from handlers.views import BoardView, StageCount
from handlers.wording import day_of
from models.beijing import day_start
from models.stages import OPEN, Stage

_STAGES: Final = text("""
    SELECT stage, count(*) AS orders, min(stage_entered_at) AS oldest, coalesce(sum(paid_fen), 0) AS fen,
        count(*) FILTER (WHERE hold = '' AND greatest(stage_entered_at, coalesce(not_before_at, stage_entered_at)) <=
            CASE stage WHEN 'pending_review' THEN cast(:pending_review AS timestamptz)
                WHEN 'pending_pick' THEN cast(:pending_pick AS timestamptz)
                ELSE cast(:pending_ship AS timestamptz) END) AS stale
    FROM orders WHERE stage IN ('pending_review', 'pending_pick', 'pending_ship') GROUP BY stage
""")

_REST: Final = text(f"""
    SELECT (SELECT coalesce(jsonb_agg(jsonb_build_array(kind, cases)), '[]') FROM (
            SELECT c.kind, count(*) AS cases FROM cases c WHERE c.state IN ('open', 'claimed') AND {ONCE}
            GROUP BY c.kind) live) AS cases,
        (SELECT count(*) FROM orders WHERE stage = 'done' AND stage_entered_at >= :today) AS done,
        (SELECT coalesce(sum(last), 0) FROM tag_counters WHERE day = :day) AS new,
        (SELECT coalesce(jsonb_agg(name ORDER BY id), '[]') FROM shops WHERE state = 'stopped') AS stopped
""")

_UNREADABLE: Final = text("""
    SELECT s.name, count(*) AS records FROM raw_payloads r JOIN shops s ON s.id = r.shop_id
    WHERE r.problem IS NOT NULL GROUP BY s.name ORDER BY records DESC, s.name
""")


def board(desk: Desk, actor: Actor) -> BoardView:
    """`看板`. A supervisor also sees what could not be read, for nobody else has it mended."""
    rows = {row.stage: row for row in desk.session.execute(_STAGES, _cutoffs(desk))}
    today = day_of(desk.now)
    rest = desk.session.execute(_REST, {"today": day_start(today), "day": f"{today:%Y%m%d}"}).one()
    return BoardView(
        at=desk.now,
        stages=tuple(_count(stage, rows.get(stage)) for stage in OPEN),
        cases=tuple(_titled(desk, rest.cases).most_common()),
        done_today=rest.done,
        new_today=int(rest.new),
        stopped_shops=tuple(rest.stopped),
        link=desk.settings.hub.base_url,
        unreadable=_unreadable(desk) if actor.may() else (),
        note=promos.line(desk),
    )


def _titled(desk: Desk, cases: Sequence[tuple[str, int]]) -> Counter[str]:
    """By their titles, which several kinds may share."""
    found: Counter[str] = Counter()
    for kind, number in cases:
        found[title_of(desk, kind)] += number
    return found


def _unreadable(desk: Desk) -> tuple[tuple[str, int], ...]:
    return tuple((row.name, row.records) for row in desk.session.execute(_UNREADABLE))


def _cutoffs(desk: Desk) -> dict[str, datetime]:
    return {str(stage): desk.now - limit for stage, limit in limits(tuned(desk).stale).items()}


def _count(stage: Stage, row: Any) -> StageCount:
    if row is None:
        return StageCount(stage, 0, 0, None, 0)
    return StageCount(stage, row.orders, row.stale, row.oldest, int(row.fen))
