"""How many alerts of a kind there were, what people said of them, and whether anybody did anything about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text

from handlers.desk import Desk
from handlers.kinds import OTHERS
from handlers.tuning import switches

SILENT: Final = tuple(slug for slug, kind in OTHERS.items() if not kind.tells)
GROUPS: Final = ("stale_group", "cause_group")
"""Matters of many alerts: their members are counted, not they."""
_SHOWN: Final = 5

ALERTS: Final = f"""
    c.opened_at >= :from_at AND c.opened_at < :to_at AND NOT c.evidence ? 'group'
    AND NOT c.kind = ANY(ARRAY{[*SILENT, *GROUPS]!r}::text[])
"""
"""The cases that people were told of one by one."""
STAGE: Final = f"CASE c.kind WHEN '{switches.STALE}' THEN coalesce(c.evidence ->> 'stage', '') ELSE '' END"

FALSE_ALARM: Final = "(state = 'dismissed' AND solution LIKE '误报%' OR solution LIKE '强制通过：误报%')"
"""A case that whoever ended it called a false alarm: 忽略 误报, 强制 误报, whatever else they wrote behind it."""

# Of one alert the more frequent word counts; who ends it as a false alarm has said so as well.
_COUNT: Final = text(f"""
    SELECT kind, stage, week, count(*) AS alerts, count(*) FILTER (WHERE useful > wrong) AS useful,
        count(*) FILTER (WHERE wrong > useful) AS wrong, count(*) FILTER (WHERE acted) AS acted
    FROM (
        SELECT c.kind, {STAGE} AS stage, date_trunc('week', c.opened_at AT TIME ZONE 'Asia/Shanghai')::date AS week,
            c.claimed_at IS NOT NULL OR c.solved_by IS NOT NULL AS acted,
            (SELECT count(*) FROM alert_words w WHERE w.case_id = c.id AND w.useful) AS useful,
            (SELECT count(*) FROM alert_words w WHERE w.case_id = c.id AND NOT w.useful AND NOT (
                {FALSE_ALARM} AND w.staff_id = c.solved_by)) + CASE WHEN {FALSE_ALARM} THEN 1 ELSE 0 END AS wrong
        FROM cases c WHERE {ALERTS}
    ) told GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")


@dataclass(frozen=True, slots=True)
class Count:
    """Of one kind of alert (`about`, handlers/tuning/switches.py). `acted`: claimed, or ended by a person."""

    about: str
    alerts: int = 0
    useful: int = 0
    wrong: int = 0
    acted: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(
            self.about, self.alerts + other.alerts, self.useful + other.useful, self.wrong + other.wrong,
            self.acted + other.acted,
        )  # fmt: skip


def by_week(desk: Desk, from_at: datetime, to_at: datetime) -> dict[date, list[Count]]:
    """Monday → its counts, for alerts that were opened between both moments."""
    found: dict[date, list[Count]] = defaultdict(list)
    for row in desk.session.execute(_COUNT, {"from_at": from_at, "to_at": to_at}):
        found[row.week].append(_of(row))
    return found


def between(desk: Desk, from_at: datetime, to_at: datetime) -> list[Count]:
    """The same in all, the most false alarms first."""
    return summed(one for counts in by_week(desk, from_at, to_at).values() for one in counts)


def summed(counts: Iterable[Count]) -> list[Count]:
    found: dict[str, Count] = {}
    for one in counts:
        found[one.about] = found.get(one.about, Count(one.about)) + one
    return sorted(found.values(), key=lambda one: (-one.wrong, -one.alerts, one.about))


def line(desk: Desk, from_at: datetime, to_at: datetime) -> str:
    """For 周报: what people said, by kind; "" where nobody said a word."""
    said = [one for one in between(desk, from_at, to_at) if one.useful or one.wrong]
    parts = [f"{switches.title_of(one.about)} 有用 {one.useful}、误报 {one.wrong}" for one in said[:_SHOWN]]
    return f"大家的评价：{'；'.join(parts)}" if parts else ""


def _of(row: Any) -> Count:
    return Count(switches.about_of(row.kind, row.stage), row.alerts, row.useful, row.wrong, row.acted)
