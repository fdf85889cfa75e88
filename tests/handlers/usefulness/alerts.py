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


def crowds(session: Session, count: int, **changes: Any) -> list[Case]:
    """So many matters of many orders, an hour apart, that were ended by themselves: stuck before picking, unless
    something else is said."""
    values = {
        "kind": "stale_group", "group_key": "pending_pick", "blocks": False, "state": "solved", "solution": "都已处理",
        "evidence": {"stage": "pending_pick", "count": 12, "told": 12}, **changes,
    }  # fmt: skip
    opened: datetime = values.pop("opened_at", NOW - timedelta(days=1))
    stood: timedelta = values.pop("stood", timedelta(minutes=40))
    moments = [opened - timedelta(hours=n) for n in range(count)]
    return [make_case(session, **{"opened_at": at, "solved_at": at + stood, **values}) for at in moments]
