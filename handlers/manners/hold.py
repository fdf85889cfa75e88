"""What an owed card about a case waits for although it is due: manner 4, it may heal by itself; manner 1, nobody can
act on it soon, or a campaign wants no single cards for what is not urgent. Penalties never wait here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row

from handlers import people
from handlers.desk import Desk
from handlers.duty.duty import Roster
from handlers.kinds import severity_of
from handlers.manners import facts
from handlers.tuning.tuned import tuned
from handlers.urgency import NEAR
from models import Notification, Role, Urgency
from models.beijing import BEIJING, day_start

HEALING: Final = "刚发生，可能自己恢复，稍等再通知"
DIGEST: Final = "不急的事，到点汇总一起发"
"""The `problem` of a row that a digest will tell."""

HEALS: Final = {"upstream_down": 2, "sync_silent": 3, "order_gone": 3, "refund_preship": 2}
"""Kind → the minutes in which it often ends by itself: an interface's hiccup, a gap in the sync, a buyer who asks for
the money and takes it back. A failed write-back is told after its second try anyway."""
DIGESTS: Final = (9 * 60, 14 * 60)
"""Minutes of the Beijing day."""
GRACE: Final = timedelta(seconds=90)  # the clock looks first, and makes one digest of what waited
SOON: Final = timedelta(minutes=15)
_NOT_URGENT: Final = "P3"


@dataclass(frozen=True, slots=True)
class Held:
    until: datetime
    why: str


def hold(desk: Desk, row: Notification, roster: Roster, case: Row[Any] | None = None) -> Held | None:
    """Until when the first card of a case is kept back, and why; None where it may go now. What goes up the ladder is
    told at once. Changes nothing. `case`: facts.case_of(row), where known."""
    case = case or facts.case_of(desk, row)
    if case is None or not facts.occasion_of(row).startswith("open:"):
        return None
    healed_at = row.created_at + timedelta(minutes=HEALS.get(case.kind, 0))
    if desk.now < healed_at and case.stage != "pending_ship":  # the courier may come for that parcel any minute
        return Held(healed_at, HEALING)
    if row.urgency == Urgency.ALERT or row.problem == DIGEST:
        return None
    if severity_of(case.kind, case.ship_by_at, desk.now) != _NOT_URGENT:
        return None
    digest_at = next_digest(desk.now)
    if case.ship_by_at is not None and case.ship_by_at - NEAR <= digest_at:
        return None
    if tuned(desk).campaign is None and can_act(desk, case, roster):
        return None
    return Held(digest_at + grace(desk), DIGEST)


def grace(desk: Desk) -> timedelta:
    return max(GRACE, timedelta(seconds=desk.settings.clock.look_every_seconds) * 1.5)


def next_digest(at: datetime) -> datetime:
    """The next 09:00 or 14:00 in Beijing after `at`."""
    today = at.astimezone(BEIJING).date()
    moments = (
        day_start(day) + timedelta(minutes=minute) for day in (today, today + timedelta(days=1)) for minute in DIGESTS
    )
    return next(moment for moment in moments if moment > at)


def can_act(desk: Desk, case: Row[Any], roster: Roster) -> bool:
    """Whether somebody whose matter it is is at work within a quarter of an hour."""
    everybody = people.staff(desk)
    found = [one for one in everybody if one.id == case.owner_id] or _whose(everybody, Role(case.role), roster, desk)
    return any(
        roster.on_shift(one.id, at) and one.id not in roster.absent(at)
        for one in found for at in (desk.now, desk.now + SOON)
    )  # fmt: skip


def _whose(everybody: list[people.Person], role: Role, roster: Roster, desk: Desk) -> list[people.Person]:
    holders = [one for one in everybody if role in one.roles]
    return [*holders, *roster.on_duty(everybody, role, desk.now)]
