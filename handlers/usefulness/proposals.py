"""On Monday: for the kinds of alerts that were mostly false, or that nobody did anything about, what could be changed,
each with its dry run; to every supervisor, with one press to accept."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from sqlalchemy import text

from handlers import owe
from handlers.desk import Desk
from handlers.kinds import kind_of
from handlers.tuning import limits, switches
from handlers.tuning.tuned import tuned
from handlers.usefulness import counts, dry_run
from handlers.usefulness.counts import Count
from models import Urgency
from models.stages import Stage

MOST: Final = 3
"""Proposals a week."""
FROM: Final = 10
"""Alerts of a kind in four weeks, of which it is worth speaking."""
WRONG: Final = 0.5
LONGER: Final = 1.5
_ROUND: Final = 30  # minutes
LIMIT: Final = "limit"
QUIET: Final = "quiet"
OFF: Final = "off"

_THIS_WEEK: Final = text("SELECT id FROM advices WHERE week = :week ORDER BY id")
# A new way is given four weeks to show what it is worth, and so is a no.
_DECIDED: Final = text("SELECT about FROM advices WHERE state <> 'open' AND decided_at > :since")
_PUT: Final = text("""
    INSERT INTO advices (week, about, counted, made_at) VALUES (:week, :about, cast(:counted AS jsonb), :now)
    ON CONFLICT (week, about) DO NOTHING RETURNING id
""")


def propose(desk: Desk, monday: date, supervisors: Collection[int]) -> None:
    """Once a week, and each to each of them once."""
    ids = list(desk.session.execute(_THIS_WEEK, {"week": monday}).scalars())
    ids = ids or [made for one in candidates(desk) if (made := _put(desk, monday, one)) is not None]
    owe.owe(
        desk,
        [
            owe.Owed(f"advice:{advice_id}:staff:{staff_id}", "staff", "card", f"advice:{advice_id}", str(staff_id),
                     urgency=Urgency.CARD)
            for advice_id in ids for staff_id in supervisors
        ],
    )  # fmt: skip


def candidates(desk: Desk) -> list[Count]:
    """The kinds of the last four weeks about which something should be done, the worst first."""
    decided = set(desk.session.execute(_DECIDED, {"since": desk.now - dry_run.SPAN}).scalars())
    found = counts.between(desk, desk.now - dry_run.SPAN, desk.now)
    return [one for one in found if is_poor(one) and one.about not in decided and ways(desk, one.about)][:MOST]


def is_poor(one: Count) -> bool:
    return one.alerts >= FROM and (one.wrong >= one.alerts * WRONG or one.acted == 0)


def ways(desk: Desk, about: str) -> dict[str, dict[str, Any]]:
    """Way → {"name", "value": the tuning that it sets, "before", "now", "then": of its dry run}. {} where nothing may
    be changed, or has been: what costs a penalty, what is told in digests alone, what is closed."""
    kind, _, stage = about.partition(":")
    now = tuned(desk)
    if now.is_off(about) or now.is_quiet(about) or switches.why_not_quiet(about) or not _is_known(kind):
        return {}
    found: dict[str, dict[str, Any]] = {}
    if stage in set(Stage):
        name = f"{stage}_minutes"
        before = int(limits.current(desk, name))
        minutes = longer(before)
        if minutes <= limits.MOST:
            found[LIMIT] = _way((name, minutes, before), dry_run.longer(desk, Stage(stage), minutes))
    found[QUIET] = _way((f"quiet:{about}", True, False), dry_run.only_digests(desk, kind, stage))
    if not switches.why_not_off(about):
        found[OFF] = _way((f"off:{about}", True, False), dry_run.closed(desk, kind, stage))
    return found


def longer(minutes: int) -> int:
    """Half as long again, in whole half hours."""
    return -(-int(minutes * LONGER) // _ROUND) * _ROUND


def _is_known(kind: str) -> bool:
    """Whether the kind is still described: its rule may have gone since."""
    try:
        kind_of(kind)
    except LookupError:
        return False
    return True


def _way(tuning: tuple[str, Any, Any], run: dry_run.DryRun) -> dict[str, Any]:
    name, value, before = tuning
    return {"name": name, "value": value, "before": before, **asdict(run)}


def _put(desk: Desk, monday: date, one: Count) -> int | None:
    counted: Mapping[str, Any] = {**asdict(one), "days": dry_run.SPAN.days, "ways": ways(desk, one.about)}
    values = {"week": monday, "about": one.about, "counted": json.dumps(counted), "now": desk.now}
    made: int | None = desk.session.execute(_PUT, values).scalar_one_or_none()
    return made
