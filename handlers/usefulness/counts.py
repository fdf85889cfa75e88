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
from handlers.usefulness.wording import title_of

SILENT: Final = tuple(slug for slug, kind in OTHERS.items() if not kind.tells)
_SHOWN: Final = 5

KIND: Final = f"""
    CASE c.kind WHEN 'cause_group' THEN c.evidence ->> 'of' WHEN 'stale_group' THEN '{switches.STALE}' ELSE c.kind END
"""
"""A matter of many orders is one alert of the kind that it is about; its members, of which it tells, are none."""
STAGE: Final = f"""
    CASE WHEN c.kind IN ('{switches.STALE}', 'stale_group') THEN coalesce(c.evidence ->> 'stage', '') ELSE '' END
"""
ALERTS: Final = f"""
    c.opened_at >= :from_at AND c.opened_at < :to_at AND NOT c.evidence ? 'group'
    AND NOT c.kind = ANY(ARRAY{list(SILENT)!r}::text[])
"""
"""The cases that people were told of."""

FALSE_ALARM: Final = "(state = 'dismissed' AND solution LIKE '误报%' OR solution LIKE '强制通过：误报%')"
"""A case that whoever ended it called a false alarm: 忽略 误报, 强制 误报, whatever else they wrote behind it."""

# Each alert with the cases that the words are of: itself, and the members that lived while the group did.
_TOLD: Final = f"""
    SELECT c.id AS alert, {KIND} AS about, {STAGE} AS stage, x.id AS case_id,
        date_trunc('week', c.opened_at AT TIME ZONE 'Asia/Shanghai')::date AS week,
        c.kind = 'stale_group' AND c.solved_at IS NOT NULL AS worked_off
    FROM cases c CROSS JOIN LATERAL (
        SELECT c.id
        UNION ALL
        SELECT m.id FROM cases m
        WHERE c.kind = 'cause_group' AND m.kind = c.evidence ->> 'of' AND m.evidence ->> 'group' = c.group_key
            AND m.opened_at <= coalesce(c.solved_at, :to_at) AND coalesce(m.solved_at, :to_at) >= c.opened_at
    ) x WHERE {ALERTS}
"""
# Of one alert the more frequent word counts; who ends it as a false alarm has said so as well. A crowd that is over was
# worked off, though the steps that did it bear no name on its case.
_COUNT: Final = text(f"""
    SELECT about, stage, week, count(*) AS alerts, count(*) FILTER (WHERE useful > wrong) AS useful,
        count(*) FILTER (WHERE wrong > useful) AS wrong, count(*) FILTER (WHERE acted) AS acted
    FROM (
        SELECT about, stage, week, bool_or(acted) AS acted, sum(useful) AS useful, sum(wrong) AS wrong
        FROM (
            SELECT t.*, t.worked_off OR m.claimed_at IS NOT NULL OR m.solved_by IS NOT NULL AS acted,
                (SELECT count(*) FROM alert_words w WHERE w.case_id = m.id AND w.useful) AS useful,
                (SELECT count(*) FROM alert_words w WHERE w.case_id = m.id AND NOT w.useful AND NOT (
                    {FALSE_ALARM} AND w.staff_id = m.solved_by)) + CASE WHEN {FALSE_ALARM} THEN 1 ELSE 0 END AS wrong
            FROM ({_TOLD}) t JOIN cases m ON m.id = t.case_id
        ) said GROUP BY alert, about, stage, week
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
    parts = [f"{title_of(desk, one.about)} 有用 {one.useful}、误报 {one.wrong}" for one in said[:_SHOWN]]
    return f"大家的评价：{'；'.join(parts)}" if parts else ""


def _of(row: Any) -> Count:
    return Count(switches.about_of(row.about, row.stage), row.alerts, row.useful, row.wrong, row.acted)
