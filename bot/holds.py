"""What keeps an owed message back although it is due: the receiver rests, or does not want to hear of such things; it
may heal by itself, or nobody can act on it now."""

from __future__ import annotations

from datetime import datetime

from bot.run import Run
from bot.settle import Outcome
from handlers.desk import Desk
from handlers.duty import quiet
from handlers.manners import facts, hold, mute
from models import Notification


def kept_back(desk: Desk, run: Run, row: Notification) -> Outcome | None:
    """What becomes of it instead of being sent now; None where nothing is in the way."""
    case = facts.case_of(desk, row)
    if case is not None and (why := mute.muted(desk, row, case)):
        return Outcome("dropped", why)
    until = quiet.hold(desk, row, run.roster(desk))
    if until is not None:
        return _until(desk, until, quiet.WHY)
    held = hold.hold(desk, row, run.roster(desk), case) if case is not None else None
    return _until(desk, held.until, held.why) if held is not None else None


def _until(desk: Desk, until: datetime, why: str) -> Outcome:
    return Outcome("owed", why, until - desk.now, counted=False)
