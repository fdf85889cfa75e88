"""Alerts of the last weeks, short to make."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from handlers.desk import Actor
from models import AlertWord, Case
from tests.factories import NOW, make_case, make_order


def told(session: Session, count: int, **changes: Any) -> list[Case]:
    """So many alerts, an hour apart, the last of them a day ago; addresses that are vague, unless something else is
    said. Nobody did anything about them."""
    values = {"kind": "remark_changed", "blocks": False, "evidence": {}, "state": "solved", **changes}
    opened: datetime = values.pop("opened_at", NOW - timedelta(days=1))
    return [
        make_case(session, make_order(session, recheck_at=None), **{"opened_at": opened - timedelta(hours=n), **values})
        for n in range(count)
    ]


def judged(session: Session, cases: list[Case], actor: Actor, *, useful: bool) -> None:
    for case in cases:
        session.add(AlertWord(case_id=case.id, staff_id=actor.staff_id, kind=case.kind, useful=useful, at=NOW))
    session.flush()
