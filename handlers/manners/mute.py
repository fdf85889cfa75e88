"""Manner 9: somebody may turn a kind of case off for themselves, for a while; never what of it is overdue and theirs,
and never a penalty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import trail
from handlers.desk import Actor, Desk
from handlers.kinds import OTHERS, kind_of
from handlers.manners import facts
from handlers.wording import moment
from models import Notification, Urgency
from rules import RULES

KINDS: Final = tuple(slug for slug in (*RULES, *OTHERS) if kind_of(slug).tells)
"""Kinds that people are told of."""
EXCEPT: Final = "您自己逾期的、和平台时限快到的，仍会提醒"

_SET: Final = text("""
    INSERT INTO mutes (staff_id, kind, muted_at, until_at) VALUES (:staff_id, :kind, :now, :until)
    ON CONFLICT (staff_id, kind) DO UPDATE SET muted_at = :now, until_at = :until
""")
_END: Final = text("""
    DELETE FROM mutes WHERE staff_id = :staff_id AND kind = :kind AND until_at > :now RETURNING until_at
""")
_MINE: Final = text("SELECT kind, until_at FROM mutes WHERE staff_id = :staff_id AND until_at > :now ORDER BY until_at")
_OVERDUE: Final = text("""
    SELECT count(*) FROM cases c LEFT JOIN orders o ON o.id = c.order_id
    WHERE c.owner_id = :staff_id AND c.kind = :kind AND c.state IN ('open', 'claimed')
        AND (c.claimed_until <= :now OR o.ship_by_at <= :now)
""")


@dataclass(frozen=True, slots=True)
class Muted:
    kind: str
    until: datetime


def muted(desk: Desk, row: Notification, case: Row[Any] | None = None) -> str:
    """Why an owed message to one person is not sent, "" where it is. Only what the hub tells by itself is meant:
    answers, assignments and reminders of one's own claim come in any case. Many of a muted kind are of that kind.
    `case`: facts.case_of(row), where known."""
    if row.channel != "staff" or row.urgency == Urgency.ALERT:
        return ""
    case = case or facts.case_of(desk, row)
    if case is None or case.muted_until is None or _own_overdue(case, int(row.recipient), desk.now):
        return ""
    return f"已静音「{kind_of(case.muted_kind).title}」到 {moment(case.muted_until)}"


def mute(desk: Desk, actor: Actor, kind: str, until: datetime) -> int:
    """From now until then; how many overdue matters of that kind the person has, which are told all the same."""
    desk.session.execute(_SET, {"staff_id": actor.staff_id, "kind": kind, "now": desk.now, "until": until})
    _note(desk, actor, "静音", f"{kind_of(kind).title} 到 {moment(until)}")
    values = {"staff_id": actor.staff_id, "kind": kind, "now": desk.now}
    return int(desk.session.execute(_OVERDUE, values).scalar_one())


def unmute(desk: Desk, actor: Actor, kind: str) -> bool:
    """Whether it was muted."""
    values = {"staff_id": actor.staff_id, "kind": kind, "now": desk.now}
    was = desk.session.execute(_END, values).first() is not None
    if was:
        _note(desk, actor, "取消静音", kind_of(kind).title)
    return was


def mine(desk: Desk, actor: Actor) -> list[Muted]:
    found = desk.session.execute(_MINE, {"staff_id": actor.staff_id, "now": desk.now})
    return [Muted(row.kind, row.until_at) for row in found]


def kind_titled(words: str) -> tuple[str, str] | None:
    """The kind whose title stands at the beginning of `words`, and the rest; the longest title wins."""
    titles = {kind_of(slug).title: slug for slug in KINDS}
    found = max((title for title in titles if words.startswith(title)), key=len, default=None)
    return (titles[found], words[len(found) :].strip()) if found else None


def _own_overdue(case: Row[Any], staff_id: int, now: datetime) -> bool:
    """Theirs, and the time is over: the platform's, what a claim promised, or to claim it at all (it has gone up the
    ladder)."""
    if case.owner_id != staff_id:
        return False
    late = any(limit is not None and limit <= now for limit in (case.claimed_until, case.ship_by_at))
    return bool(late or (case.state == "open" and case.step > 1))


def _note(desk: Desk, actor: Actor, action: str, words: str) -> None:
    trail.write(desk, f"staff:{actor.staff_id}", actor, action=action, detail={"类型": words})
