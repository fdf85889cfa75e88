"""What a change would have led to: counted from the alerts that there were, by the code that will decide. A matter of
many orders is one alert, now and then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text

from handlers.desk import Desk
from handlers.manners.hold import digest_of
from handlers.tuning import limits
from handlers.usefulness.counts import ALERTS, KIND, STAGE
from models.stages import TITLES, Stage
from rules.stale import starts_at

SPAN: Final = timedelta(days=28)

_OF: Final = f"{KIND} = :kind AND {STAGE} = :stage AND {ALERTS}"
_CASES: Final = text(f"""
    SELECT c.opened_at, c.evidence -> 'rule' AS rule, o.ship_by_at
    FROM cases c LEFT JOIN orders o ON o.id = c.order_id WHERE {_OF}
""")
# When the order left the stage, by its trail; a step that was taken back is none. One order, one stay, one count.
_STAYS: Final = text(f"""
    SELECT o.not_before_at, cast(c.evidence ->> 'since' AS timestamptz) AS since, min(c.opened_at) AS opened_at,
        (SELECT min(t.at) FROM trail t
            WHERE t.subject = 'order:' || o.shop_id || ':' || o.external_id AND t.at >= min(c.opened_at)
                AND t.detail LIKE '%"环节"%' AND t.action <> '撤销' AND t.detail::jsonb -> '环节' ->> 0 = :title
                AND NOT EXISTS (SELECT FROM trail u WHERE u.subject = t.subject AND u.id > t.id AND u.action = '撤销'
                    AND u.detail LIKE '%"环节"%' AND u.detail::jsonb -> '环节' ->> 1 = :title
                    AND u.at <= t.at + interval '60 seconds')
        ) AS left_at
    FROM cases c JOIN orders o ON o.id = c.order_id WHERE {_OF} AND c.evidence ? 'since'
    GROUP BY o.id, c.evidence ->> 'since'
""")
_CROWDS: Final = text(f"SELECT c.opened_at, c.solved_at FROM cases c WHERE {_OF} AND c.kind = 'stale_group'")


@dataclass(frozen=True, slots=True)
class DryRun:
    """`now`: alerts that there were; `then`: those that there would have been."""

    now: int
    then: int


def longer(desk: Desk, stage: Stage, minutes: int) -> DryRun:
    """With so many minutes for `stage`: whoever was gone by then would not have been told of. A crowd would have come
    later by what the limit is longer now, as far as it was still there."""
    limit, values = timedelta(minutes=minutes), _values(desk, "stale_stage", str(stage))
    stays = desk.session.execute(_STAYS, {**values, "title": TITLES[stage]}).all()
    crowds = desk.session.execute(_CROWDS, values).all()
    more = limit - timedelta(minutes=limits.current(desk, f"{stage}_minutes"))
    due = [(starts_at(one.since, one.not_before_at) + limit, one.left_at or desk.now) for one in stays]
    due += [(one.opened_at + more, one.solved_at or desk.now) for one in crowds]
    return DryRun(len(due), sum(at <= until for at, until in due))


def only_digests(desk: Desk, kind: str, stage: str) -> DryRun:
    """Told in the digests alone: what comes near its deadline is still told by itself."""
    found = desk.session.execute(_CASES, _values(desk, kind, stage)).all()
    return DryRun(len(found), sum(_still_single(kind, one._mapping) for one in found))


def closed(desk: Desk, kind: str, stage: str) -> DryRun:
    return DryRun(len(desk.session.execute(_CASES, _values(desk, kind, stage)).all()), 0)


def _still_single(kind: str, case: Mapping[Any, Any]) -> bool:
    return digest_of(kind, case["ship_by_at"], case["opened_at"], {"rule": case["rule"]}) is None


def _values(desk: Desk, kind: str, stage: str) -> dict[str, Any]:
    since: datetime = desk.now - SPAN
    return {"kind": kind, "stage": stage, "from_at": since, "to_at": desk.now}
