"""What keeps an owed message back although it is due: the receiver rests, or does not want to hear of such things; it
has somebody who does it already, may heal by itself, or nobody can act on it now."""

from __future__ import annotations

from datetime import datetime

from bot.run import Run
from bot.settle import Outcome, Tried, wait
from handlers.customers import aboard, manners
from handlers.desk import Desk
from handlers.duty import quiet
from handlers.manners import facts, hold, mute, silence
from models import Notification


def kept_back(desk: Desk, run: Run, row: Notification) -> Outcome | None:
    """What becomes of it instead of being sent now; None where nothing is in the way."""
    if row.channel == "customer":
        return _customers(desk, row)
    case = facts.case_of(desk, row)
    if case is not None and (why := silence.silenced(row, case) or mute.muted(desk, row, case)):
        return Outcome("dropped", why)
    until = quiet.hold(desk, row, run.roster(desk))
    if until is not None:
        return _until(desk, until, quiet.WHY)
    held = hold.hold(desk, row, run.roster(desk), case) if case is not None else None
    return _until(desk, held.until, held.why) if held is not None else None


def in_doubt(desk: Desk, row: Notification) -> Outcome | None:
    """The same of what may have arrived: a customer is not told at night by the second try either, nor after 退订."""
    kept = manners.kept_back(desk, row) if row.channel == "customer" else None
    if kept is None:
        return None
    if kept.until is None:
        return Outcome("unsure", kept.why, carried_by=row.carried_by)
    seconds = (kept.until - desk.now).total_seconds()
    return wait(seconds, kept.why, Tried(row.carried_by, doubt=True))


def _until(desk: Desk, until: datetime, why: str) -> Outcome:
    return Outcome("owed", why, until - desk.now, counted=False)


def _customers(desk: Desk, row: Notification) -> Outcome | None:
    aboard.leave_behind(desk, row)
    kept = manners.kept_back(desk, row)
    if kept is None:
        return None
    return Outcome("dropped", kept.why) if kept.until is None else _until(desk, kept.until, kept.why)
