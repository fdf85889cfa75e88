"""What the manners must know of the case that an owed card is about, asked once for each."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from models import Notification

_CASE: Final = text("""
    SELECT x.*, m.kind AS muted_kind, m.until_at AS muted_until
    FROM (SELECT c.kind, c.role, c.owner_id, c.state, c.claimed_until, c.step, o.ship_by_at, o.stage,
            c.evidence -> 'rule' AS rule, coalesce(c.evidence ->> 'stage', '') AS of_stage,
            CASE c.kind WHEN 'cause_group' THEN c.evidence ->> 'of' WHEN 'stale_group' THEN 'stale_stage' ELSE c.kind
                END AS about
        FROM cases c LEFT JOIN orders o ON o.id = c.order_id
        WHERE c.id = :id AND c.state IN ('open', 'claimed')) AS x
    LEFT JOIN LATERAL (SELECT kind, until_at FROM mutes
        WHERE kind IN (x.kind, x.about) AND staff_id = :staff_id AND until_at > :now
        ORDER BY until_at DESC LIMIT 1) AS m ON true
""")


def case_of(desk: Desk, row: Notification) -> Row[Any] | None:
    """The live case whose card `row` owes to staff, because something happened: opened, gone up, grown. None for
    anything else: what was asked for, given to somebody, or is no card. `about`: the kind of the cases that a group
    matter is made of, else its own."""
    subject, _, number = row.subject.partition(":")
    if subject != "case" or row.purpose != "card" or row.channel == "customer" or not number.isdecimal():
        return None
    if not occasion_of(row).startswith(("open:", "step", "count")):
        return None
    staff_id = int(row.recipient) if row.channel == "staff" and row.recipient.isdecimal() else 0
    values = {"id": int(number), "staff_id": staff_id, "now": desk.now}
    return desk.session.execute(_CASE, values).one_or_none()


def occasion_of(row: Notification) -> str:
    return row.dedupe_key.removeprefix(f"{row.subject}:")
