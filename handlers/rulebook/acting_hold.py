"""延到: an order that a rule keeps back until a day, by the same matter as 延发, which calls the warehouse on that day.
A day that somebody agreed goes first; what a person changed since is left alone."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.batches import orders
from handlers.desk import Desk
from handlers.matter import Opening
from handlers.platform_moves import Work
from handlers.rulebook.act import Act, Undoing, called
from handlers.rulebook.deeds import Kept
from handlers.wording import day, day_of, moment
from models import Role
from models.beijing import day_start
from models.case import LIVE

KIND: Final = orders.HOLD
_WAKES: Final = timedelta(hours=9)  # of the day, as handlers/holding/hold.py says
_SOON: Final = timedelta(minutes=1)
_SET: Final = text("""
    UPDATE orders o SET not_before_at = x.at
    FROM unnest(cast(:ids AS bigint[]), cast(:moments AS timestamptz[])) AS x(id, at) WHERE o.id = x.id
""")


def until(kept: Kept, now: datetime) -> datetime:
    """The beginning of the day from which the order may leave."""
    if kept.get("days"):
        return day_start(day_of(now) + timedelta(days=int(kept["days"])))
    return day_start(date.fromisoformat(kept["until"]))


def is_later(not_before_at: datetime | None, kept: Kept, now: datetime) -> bool:
    """Whether it would keep the order back at all."""
    wanted = until(kept, now)
    return wanted > now and (not_before_at is None or wanted > not_before_at)


def is_late(ship_by_at: datetime | None, held: datetime) -> bool:
    """The platform's deadline does not move with the day."""
    return ship_by_at is not None and held >= ship_by_at


def kept_of(act: Act, now: datetime) -> dict[str, Any]:
    """What taking it back needs."""
    return {"until": until(act.kept, now).isoformat(), "was": act.was.isoformat() if act.was is not None else None}


def hold(desk: Desk, acts: Sequence[Act]) -> list[Opening]:
    """The matters that call on that day."""
    if not acts:
        return []
    days = {one.work.row.id: until(one.kept, desk.now) for one in acts}
    _set(desk, days)
    for one in acts:
        held = days[one.work.row.id]
        before = day(one.was) if one.was is not None else ""
        one.work.note("延发", {"发货日": [before, day(held)], **one.by})
        one.work.recheck_at = soon(desk, one.work)  # its clocks are others
    return [_opening(desk, one, days[one.work.row.id]) for one in acts]


def _opening(desk: Desk, act: Act, held: datetime) -> Opening:
    minutes = math.ceil((held + _WAKES - desk.now) / timedelta(minutes=1))
    was = act.was.isoformat() if act.was is not None else None
    evidence = {"until": day_of(held).isoformat(), "was": was, "by_rule": act.rule.rule_id}
    steps = ({"after": 0, "tell": []}, {"after": minutes, "tell": []})
    late = f"，晚于平台期限 {moment(act.work.row.ship_by_at)}" if is_late(act.work.row.ship_by_at, held) else ""
    reason = f"约定 {day(held)} 起发货：{called(act.rule)}{late}"
    return Opening(KIND, reason, Role.SERVICE, act.work.row.id, evidence=evidence, steps=steps)


def standing(done: Row[Any], not_before_at: datetime | None, cases: Sequence[Row[Any]]) -> Row[Any] | None:
    """The matter by which a rule keeps an order back still; None where the day has come, or a person set another."""
    held = datetime.fromisoformat(done.kept["until"])
    case = next((row for row in cases if row.kind == KIND and row.state in LIVE), None)
    if case is None or not_before_at != held or not _is_by(case, done.rule_id):
        return None
    return case if case.evidence.get("until") == day_of(held).isoformat() else None


def _is_by(case: Row[Any], rule_id: int) -> bool:
    """Whether that rule opened the matter, and nobody has said the day anew: a person's words stand in its reason."""
    opened_by = case.evidence.get("by_rule", rule_id)
    return opened_by == rule_id and re.search(rf"：规则{rule_id}(?!\d)", case.reason) is not None


def was_of(done: Row[Any]) -> datetime | None:
    """From when the order could leave before the rule."""
    was = done.kept.get("was")
    return datetime.fromisoformat(was) if was else None


def lift(desk: Desk, undoings: Sequence[Undoing]) -> dict[int, str]:
    """The matters that are over → why."""
    found: dict[int, str] = {}
    days: dict[int, datetime | None] = {}
    for one in undoings:
        case = standing(one.row, one.work.row.not_before_at, one.cases)
        if case is None:
            continue
        was = days[one.work.row.id] = was_of(one.row)
        found[case.id] = "规则不再要求"
        held = datetime.fromisoformat(one.row.kept["until"])
        one.work.note("取消延发", {"发货日": [day(held), day(was) if was is not None else ""], **one.by})
        one.work.recheck_at = soon(desk, one.work)
    if days:
        _set(desk, days)
    return found


def soon(desk: Desk, work: Work) -> datetime:
    """When an order is looked at again of which something was changed by this very look."""
    at = desk.now + _SOON
    return min(work.recheck_at or at, at)


def _set(desk: Desk, days: dict[int, datetime] | dict[int, datetime | None]) -> None:
    desk.session.execute(_SET, {"ids": list(days), "moments": list(days.values())})
