"""Manner 6: who claims a matter has it; what the others were still to be told of it is not sent any more."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.duty import quiet
from handlers.manners import facts
from handlers.manners.hold import DIGEST, QUIET, grace
from models import Notification

WHY: Final = "发出前已有人认领"

# What waits for a summary, which would tell of it.
_END: Final = text("""
    UPDATE notifications SET state = 'dropped', problem = :why WHERE id IN (
        SELECT n.id FROM notifications n JOIN cases c ON n.subject = 'case:' || c.id
        WHERE n.state = 'owed' AND n.problem = ANY(:held) AND n.next_try_at <= :soon AND n.purpose = 'card'
            AND c.state = 'claimed' AND n.dedupe_key ~ '^case:[0-9]+:(open|step)'
            AND NOT (n.channel = 'staff' AND n.recipient = c.owner_id::text)
        FOR UPDATE OF n SKIP LOCKED)
""")


def silenced(row: Notification, case: Row[Any]) -> str:
    """Why a card about `case` (facts.case_of) is not sent, "" where it is. That a matter grew, or that a penalty comes
    near, is news to all the same."""
    if case.state != "claimed" or not facts.occasion_of(row).startswith(("open:", "step")):
        return ""
    is_theirs = row.channel == "staff" and row.recipient == str(case.owner_id)
    return "" if is_theirs else WHY


def release(desk: Desk) -> None:
    """Before the summaries are made."""
    values = {"why": WHY, "held": [quiet.WHY, DIGEST, QUIET], "soon": desk.now + grace(desk)}
    desk.session.execute(_END, values)
