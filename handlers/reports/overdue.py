"""`超时`: what is over its stage's time or near its platform's deadline, the worst first, and cases that nobody dealt
with in time. A platform's own hold stops both clocks; nothing of ours does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import listing
from handlers.desk import Desk
from handlers.kinds import OTHERS, kind_of, title_of
from handlers.reports import waiting
from handlers.reports.scope import IN_SCOPE, Scope
from handlers.reports.view import LateCase, OverdueView, Tier
from handlers.rulebook.book import book
from models import Role
from models.case import short_code
from models.people import ROLE_TITLES
from rules import RULES

TIERS: Final = (
    ("已超", timedelta(0)), ("危险", timedelta(hours=1)), ("紧急", timedelta(hours=4)), ("预警", timedelta(hours=12)),
)  # fmt: skip
"""How long before the deadline each begins."""

# 预警 is counted, and listed behind all that is worse: it is for the must-leave list, not for alarm.
_COUNTS: Final = text(f"""
    SELECT CASE WHEN o.hold <> '' OR o.ship_by_at IS NULL THEN 9
            WHEN o.ship_by_at <= :now THEN 0 WHEN o.ship_by_at <= :danger THEN 1
            WHEN o.ship_by_at <= :urgent THEN 2 WHEN o.ship_by_at <= :warn THEN 3 ELSE 9 END AS tier,
        {waiting.STALE} AS stale, count(*) AS orders, coalesce(sum(o.paid_fen), 0) AS fen
    FROM orders o WHERE {IN_SCOPE} GROUP BY 1, 2
""")
_ROWS: Final = text(f"""
    SELECT {waiting.COLUMNS} FROM orders o WHERE {IN_SCOPE} AND o.hold = ''
        AND (o.ship_by_at <= :warn OR {waiting.STALE})
    ORDER BY CASE WHEN o.ship_by_at <= :urgent THEN 0 WHEN {waiting.STALE} THEN 1 ELSE 2 END,
        CASE WHEN o.ship_by_at <= :urgent THEN o.ship_by_at ELSE o.stage_entered_at END, o.id LIMIT :n
""")
_CASES: Final = text("""
    SELECT c.id, c.kind, c.evidence, c.role, c.state, coalesce(o.tag, '') AS tag, coalesce(w.name, '') AS owner,
        d.due_at, count(*) OVER () AS total
    FROM cases c LEFT JOIN orders o ON o.id = c.order_id LEFT JOIN staff w ON w.id = c.owner_id
        JOIN unnest(cast(:kinds AS text[]), cast(:minutes AS int[])) AS k(kind, minutes) ON k.kind = c.kind
        CROSS JOIN LATERAL (SELECT CASE WHEN c.state = 'claimed' THEN c.claimed_until
            ELSE c.opened_at + make_interval(mins => k.minutes) END AS due_at) d
    WHERE c.state IN ('open', 'claimed') AND c.kind NOT IN ('stale_stage', 'stale_group') AND d.due_at <= :now
        AND (cast(:shops AS int[]) IS NULL OR coalesce(o.shop_id, c.shop_id) = ANY(:shops))
        AND (cast(:stage AS text) IS NULL OR o.stage = :stage)
    ORDER BY d.due_at, c.id LIMIT :n
""")  # how long an order has stood is told by the order itself


def overdue(desk: Desk, scope: Scope) -> OverdueView:
    """What is late in `scope`."""
    moments = {name: desk.now + before for name, (_, before) in zip(("now", "danger", "urgent", "warn"), TIERS,
                                                                    strict=True)}  # fmt: skip
    values: dict[str, Any] = {
        **scope.parameters, **waiting.cutoffs(desk), **moments, "n": listing.SHOWN,
        "stage": str(scope.stage) if scope.stage else None, **_claim_minutes(desk),
    }  # fmt: skip
    counts = desk.session.execute(_COUNTS, values).all()
    cases = desk.session.execute(_CASES, values).all()
    return OverdueView(
        at=desk.now,
        title=scope.title,
        tiers=tuple(_tier(number, counts) for number in range(len(TIERS))),
        stale=sum(row.orders for row in counts if row.stale),
        total=sum(row.orders for row in counts if row.stale or row.tier < len(TIERS)),
        rows=waiting.rows(desk.session.execute(_ROWS, values)),
        cases=tuple(_case(row) for row in cases),
        case_total=cases[0].total if cases else 0,
    )


def _tier(number: int, counts: Sequence[Row[Any]]) -> Tier:
    found = [row for row in counts if row.tier == number]
    return Tier(TIERS[number][0], sum(row.orders for row in found), int(sum(row.fen for row in found)))


def _case(row: Row[Any]) -> LateCase:
    due_at: datetime = row.due_at
    return LateCase(
        short_code(row.id), title_of(row.kind, row.evidence), row.tag, row.owner or ROLE_TITLES[Role(row.role)], due_at,
        row.state == "claimed",
    )  # fmt: skip


def _claim_minutes(desk: Desk) -> dict[str, Any]:
    minutes = {kind: kind_of(kind).claim_minutes for kind in (*RULES, *OTHERS)}
    minutes |= {kind: rule.claim_minutes for kind, rule in book(desk).live.items()}
    return {"kinds": list(minutes), "minutes": list(minutes.values())}
