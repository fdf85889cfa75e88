"""How long somebody has to take up a matter that lies open again, and to deal with one that they said yes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from handlers.desk import Desk
from handlers.kinds import usual_minutes
from handlers.tuning.tuned import tuned


class Kept(Protocol):
    """A row of `cases`, as far as it tells how long things may take."""

    @property
    def kind(self) -> Any: ...
    @property
    def evidence(self) -> Any: ...
    @property
    def steps(self) -> Any: ...


def to_claim(desk: Desk, case: Kept) -> timedelta:
    """As its own copy of the policy says it; of one that tells the role at once, or goes by another clock, as it is set
    now."""
    own = _own(case.steps)
    return timedelta(minutes=_set(desk, case)[0] if own is None else own)


def to_solve(desk: Desk, case: Kept) -> timedelta:
    """As it is set now: a promise is made today."""
    return timedelta(minutes=_set(desk, case)[1])


def _own(steps: Sequence[Mapping[str, Any]]) -> float | None:
    is_told = len(steps) > 1 and "role" in steps[1]["tell"] and "role" not in steps[0]["tell"]
    return float(steps[1]["after"]) if is_told and "supervisor" not in steps[1]["tell"] else None


def _set(desk: Desk, case: Kept) -> tuple[int, int]:
    return tuned(desk).minutes(case.kind, usual_minutes(case.kind, case.evidence))
