"""What an owed card about a case waits for although it is due: manner 4, it may heal by itself; manner 1, nobody can
act on it soon, a campaign wants no single cards for what is not urgent, or a supervisor none of its kind. Penalties
never wait here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row

from handlers import people
from handlers.desk import Desk
from handlers.duty.duty import Roster
from handlers.kinds import severity_of
from handlers.manners import facts
from handlers.tuning import switches
from handlers.tuning.tuned import tuned
from handlers.urgency import NEAR
from models import Notification, Role, Urgency
from models.beijing import BEIJING, day_start

HEALING: Final = "刚发生，可能自己恢复，稍等再通知"
DIGEST: Final = "不急的事，到点汇总一起发"
QUIET: Final = "这类提醒只进日报，到点汇总一起发"
"""The `problem` of a row that a digest will tell; of the second also where it is the only one."""

HEALS: Final = {"upstream_down": 2, "sync_silent": 3, "order_gone": 3, "refund_preship": 2}
"""Kind → the minutes in which it often ends by itself: an interface's hiccup, a gap in the sync, a buyer who asks for
the money and takes it back. A failed write-back is told after its second try anyway."""
DIGESTS: Final = (9 * 60, 14 * 60)
"""Minutes of the Beijing day."""
GRACE: Final = timedelta(seconds=90)  # the clock looks first, and makes one digest of what waited
SOON: Final = timedelta(minutes=15)
_AT_ONCE: Final = "P1"
_LATER: Final = "P3"


@dataclass(frozen=True, slots=True)
class Held:
    until: datetime
    why: str


def hold(desk: Desk, row: Notification, roster: Roster, case: Row[Any] | None = None) -> Held | None:
    """Until when the first card of a case is kept back, and why; None where it may go now. What goes up the ladder is
    told at once. Changes nothing. `case`: facts.case_of(row), where known."""
    case = case or facts.case_of(desk, row)
    if case is not None and (held := _only_in_digests(desk, row, case)) is not None:
        return held
    if case is None or not facts.occasion_of(row).startswith("open:"):
        return None
    healed_at = row.created_at + timedelta(minutes=HEALS.get(case.about, 0))
    if desk.now < healed_at and case.stage != "pending_ship":  # the courier may come for that parcel any minute
        return Held(healed_at, HEALING)
    if row.urgency == Urgency.ALERT or row.problem == DIGEST:
        return None
    kind = case.kind if case.kind == "stale_group" else case.about
    severity = severity_of(kind, case.ship_by_at, desk.now, {"rule": case.rule})
    if severity == _AT_ONCE:
        return None
    until = _told_at(desk, case, roster, later=severity == _LATER)
    if until is None or (case.ship_by_at is not None and case.ship_by_at - NEAR <= until):
        return None
    return Held(until + grace(desk), DIGEST)


def _only_in_digests(desk: Desk, row: Notification, case: Row[Any]) -> Held | None:
    """A supervisor wants no single cards of such matters, whatever their occasion."""
    if row.urgency == Urgency.ALERT or row.problem == QUIET:
        return None
    if not tuned(desk).is_quiet(switches.about_of(case.about, case.of_stage)):
        return None
    until = digest_of(case.about, case.ship_by_at, desk.now, {"rule": case.rule})
    return Held(until + grace(desk), QUIET) if until is not None else None


def digest_of(
    kind: str, ship_by_at: datetime | None, at: datetime, evidence: Mapping[str, Any]
) -> datetime | None:  # fmt: skip
    """The digest that could tell of such a matter; None where it must be told at once, because it is P1, or because the
    deadline comes before."""
    until = next_digest(at)
    near = ship_by_at is not None and ship_by_at - NEAR <= until
    return None if near or severity_of(kind, ship_by_at, at, evidence) == _AT_ONCE else until


def _told_at(desk: Desk, case: Row[Any], roster: Roster, *, later: bool) -> datetime | None:
    """At the next digest where nobody can act on it, and in a campaign what is for `later`; what is for this shift no
    later than somebody of it is back. None: now."""
    people_of = _whose(desk, case, roster)
    if can_act(desk, people_of, roster) and not (later and tuned(desk).campaign is not None):
        return None
    backs = (roster.quiet_until(one.id, desk.now) for one in people_of)
    moments = [next_digest(desk.now), *(back for back in backs if back is not None and not later)]
    return min(moments)


def grace(desk: Desk) -> timedelta:
    return max(GRACE, timedelta(seconds=desk.settings.clock.look_every_seconds) * 1.5)


def next_digest(at: datetime) -> datetime:
    """The next 09:00 or 14:00 in Beijing after `at`."""
    today = at.astimezone(BEIJING).date()
    moments = (
        day_start(day) + timedelta(minutes=minute) for day in (today, today + timedelta(days=1)) for minute in DIGESTS
    )
    return next(moment for moment in moments if moment > at)


def can_act(desk: Desk, people_of: Sequence[people.Person], roster: Roster) -> bool:
    """Whether one of them is at work within a quarter of an hour."""
    return any(
        roster.on_shift(one.id, at) and one.id not in roster.absent(at)
        for one in people_of for at in (desk.now, desk.now + SOON)
    )  # fmt: skip


def _whose(desk: Desk, case: Row[Any], roster: Roster) -> list[people.Person]:
    """Whose matter it is: the owner's who is not absent, else the role's and whose duty it is."""
    everybody, role = people.staff(desk), Role(case.role)
    owner = [one for one in everybody if one.id == case.owner_id and not one.away]
    return owner or [*(one for one in everybody if role in one.roles), *roster.on_duty(everybody, role, desk.now)]
