"""Whether new matters wait to be claimed (抢单) or are given to somebody at once (自动), and how many one person may
have: what the settings say, until a supervisor says otherwise."""

from __future__ import annotations

from typing import Final

from handlers.desk import Desk
from handlers.tuning.tuned import tuned

MODE: Final = "assign_mode"
CAP: Final = "assign_cap"
TITLES: Final = {"auto": "自动", "pool": "抢单"}


def is_auto(desk: Desk) -> bool:
    return mode(desk) == "auto"


def mode(desk: Desk) -> str:
    """auto, pool."""
    return str(tuned(desk).told.get(MODE, desk.settings.assign.mode))


def cap(desk: Desk) -> int:
    """How many open matters one person is given at the most."""
    return int(tuned(desk).told.get(CAP, desk.settings.assign.cap))
