"""Many orders stuck in one stage are one matter: one card with their count, brought up to date in silence."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, owe, trail
from handlers.desk import SYSTEM, Desk
from handlers.kinds import limits, title_of
from handlers.matter import Opening
from handlers.tuning.tuned import tuned
from models.stages import OPEN, TITLES, Stage
from rules.stale import OWNERS, starts_at

KIND: Final = "stale_group"
_AGAIN_AT: Final = 5  # a new message when there are five times as many as were told

STALE: Final = (
    "o.stage = :stage AND o.stage_entered_at <= :before AND o.hold = '' "
    "AND (o.not_before_at IS NULL OR o.not_before_at <= :before)"
)

_LIVE: Final = text("""
    SELECT id, group_key, evidence, revision FROM cases
    WHERE kind = 'stale_group' AND order_id IS NULL AND state IN ('open', 'claimed')
""")
_SINGLES: Final = text("""
    SELECT evidence ->> 'stage' AS stage, count(*) AS cases FROM cases
    WHERE kind = 'stale_stage' AND order_id IS NOT NULL AND state IN ('open', 'claimed')
        AND evidence ->> 'stage' = ANY(:stages) GROUP BY 1
""")
_UNCLAIMED: Final = text("""
    SELECT id FROM cases
    WHERE kind = 'stale_stage' AND order_id IS NOT NULL AND state = 'open' AND evidence ->> 'stage' = ANY(:stages)
""")
_CENSUS: Final = text(f"""
    SELECT count(*) AS orders, min(o.stage_entered_at) AS oldest, coalesce(sum(o.paid_fen), 0) AS fen
    FROM orders o WHERE {STALE}
""")
_MEMBERS: Final = text(f"""
    SELECT o.id, o.tag, o.stage, o.stage_entered_at FROM orders o WHERE {STALE} ORDER BY o.stage_entered_at LIMIT :n
""")
_NEAREST: Final = text(f"SELECT min(o.ship_by_at) FROM orders o WHERE {STALE}")
_COUNTED: Final = text("""
    UPDATE cases SET evidence = evidence || cast(:more AS jsonb), reason = :reason, revision = revision + 1
    WHERE id = :id AND revision = :revision AND state IN ('open', 'claimed') RETURNING revision
""")


@dataclass(frozen=True, slots=True)
class Census:
    orders: int
    oldest: datetime | None
    fen: int


def _at(desk: Desk, stage: Stage) -> dict[str, Any]:
    return {"stage": str(stage), "before": desk.now - limits(tuned(desk).stale)[stage]}


def is_stale(desk: Desk, row: Any) -> bool:
    """Whether an order (stage, stage_entered_at, hold, not_before_at) is over its stage's time: STALE, of a row."""
    if row.stage not in OPEN or row.hold:
        return False
    limit = limits(tuned(desk).stale)[Stage(row.stage)]
    return bool(starts_at(row.stage_entered_at, row.not_before_at) + limit <= desk.now)


def census(desk: Desk, stage: Stage) -> Census:
    """How many orders are stale in `stage` now, since when, and how much money."""
    found = desk.session.execute(_CENSUS, _at(desk, stage)).one()
    return Census(found.orders, found.oldest, int(found.fen))


def members(desk: Desk, stage: Stage, limit: int) -> list[Row[Any]]:
    """The stale orders of `stage`, oldest first."""
    return list(desk.session.execute(_MEMBERS, {**_at(desk, stage), "n": limit}))


def nearest(desk: Desk, stage: Stage) -> datetime | None:
    """The nearest deadline among the stale orders of `stage`."""
    found: datetime | None = desk.session.execute(_NEAREST, _at(desk, stage)).scalar_one()
    return found


def gather(desk: Desk, newly_stale: Mapping[Stage, int]) -> set[Stage]:
    """Stages whose newly stale orders belong to one matter, which is opened where it does not stand yet."""
    stages = [stage for stage, count in newly_stale.items() if count]
    if not stages:
        return set()
    live = {row.group_key for row in desk.session.execute(_LIVE)}
    found = desk.session.execute(_SINGLES, {"stages": [str(stage) for stage in stages]})
    singles = {row.stage: row.cases for row in found}
    enough = tuned(desk).stale.group_from
    grouped = {stage for stage in stages if stage in live or newly_stale[stage] + singles.get(str(stage), 0) >= enough}
    for stage in sorted(grouped):
        if stage not in live:
            _open(desk, stage)
    return grouped


def fold(desk: Desk, grouped: Collection[Stage]) -> None:
    """The single cases of these stages that nobody claimed join the group matter. Writes to their orders' chains."""
    if not grouped:
        return
    ids = desk.session.execute(_UNCLAIMED, {"stages": [str(stage) for stage in grouped]}).scalars()
    for row in opening.close_many(desk, [(case_id, "并入多单提醒") for case_id in ids]):
        detail = {title_of("stale_stage", row.evidence): "并入多单提醒"}
        trail.write_order(desk, row.order_id, actor=SYSTEM, action="异常解除", detail=detail)


def _open(desk: Desk, stage: Stage) -> None:
    count = census(desk, stage).orders
    made = Opening(
        KIND, _reason(stage, count), OWNERS[stage], group_key=str(stage),
        evidence={"stage": str(stage), "count": count, "told": count},
    )  # fmt: skip
    for row in opening.open_many(desk, [made]):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常", detail={"多单停留超时": _reason(stage, count)})


def _reason(stage: Stage, count: int) -> str:
    return f"{count} 单在{TITLES[stage]}停留超时"


def refresh(desk: Desk) -> None:
    """Count the members of every live group matter again; an empty one ends, a much larger one is told again."""
    for row in list(desk.session.execute(_LIVE)):
        stage = Stage(row.group_key)
        count = census(desk, stage).orders
        if count == 0:
            end(desk, row, title_of(KIND, {}))
        elif count != row.evidence.get("count"):
            recount(desk, row, count, _reason(stage, count))


def end(desk: Desk, row: Row[Any], title: str) -> None:
    """None of its members is left."""
    if opening.close_many(desk, [(row.id, "都已处理")]):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常解除", detail={title: "都已处理"})


def recount(desk: Desk, row: Row[Any], count: int, reason: str) -> None:
    """A group matter (id, evidence, revision) has `count` members now: its cards follow in silence; a new one comes
    when there are five times as many as were told."""
    told = int(row.evidence.get("told") or 1)
    loud = count >= told * _AGAIN_AT
    more = {"count": count, "told": count if loud else told}
    values = {"more": json.dumps(more), "reason": reason, "id": row.id, "revision": row.revision}
    changed = desk.session.execute(_COUNTED, values).scalar_one_or_none()
    if changed is None:
        return  # somebody changed it meanwhile; the next look counts again
    owed = [owe.edit(row.id, changed)]
    if loud:
        owed.append(owe.card(row.id, f"count{count}"))
        trail.write(desk, f"case:{row.id}", SYSTEM, action="再次提醒", detail={"单数": [told, count]})
    owe.owe(desk, owed)
