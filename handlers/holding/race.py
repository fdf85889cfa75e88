"""The race against the courier: a refund is asked, or the receiver changed, while the packed parcel waits for it. The
warehouse's lead alone is told at once and has two minutes to answer (a claim is no answer), then a supervisor hears. It
is over by itself when its cause is (取消退款). What got away is recorded as shipped, whatever would forbid that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, people
from handlers.desk import Desk
from handlers.duty import duty
from handlers.matter import Opening
from models import Role
from models.case import LIVE, short_code
from models.stages import Stage
from rules.verdict import Outcome, Verdict

KIND: Final = "intercept"
CAUSE: Final = "cause"
"""In the evidence of an intercept that the hub asked for: the kind of the case behind it."""
MINUTES: Final = 2
STEPS: Final = ({"after": 0, "tell": ["lead"]}, {"after": MINUTES, "tell": ["supervisor"]})
"""Whoever asks: the lead runs, and everybody else is left in peace."""
_CAUSES: Final = {
    "refund_preship": ("买家申请退款，包裹还在仓库，马上拦住", "买家取消了退款，不用拦了，照常发货"),
    "address_changed": ("买家改了收件信息，包裹还在仓库，马上拦住换面单", "收件信息改回来了，不用拦了，照常发货"),
}
_DEALT_WITH: Final = "原因已经处理，不用拦了"
GOT_AWAY: Final = "没拦住"
"""How an intercept ends where the parcel has left."""
GONE: Final = "没拦住，包裹已经出去"
"""How its cause ends then."""
CAUSES: Final = tuple(_CAUSES)

# Of an order that was audited anew since another parcel is meant.
_AWAY: Final = text("""
    SELECT c.solution = :got_away FROM cases c WHERE c.order_id = :id AND c.kind = 'intercept' AND NOT EXISTS (
        SELECT FROM audited_orders a WHERE a.order_id = c.order_id AND a.at > c.solved_at)
    ORDER BY c.id DESC LIMIT 1
""")


def got_away(desk: Desk, order_id: int) -> bool:
    """Whether the warehouse said of this order last that its parcel could not be stopped."""
    return desk.session.execute(_AWAY, {"id": order_id, "got_away": GOT_AWAY}).scalar_one_or_none() is True


def settled(cases: Iterable[Row[Any]], kind: str, verdict: Verdict) -> bool:
    """Whether a person has ended exactly this matter before."""
    return any(
        row.kind == kind and row.solved_by is not None and row.evidence.get("mark") == verdict.mark for row in cases
    )


def begun(
    order: tuple[int, Stage, datetime], cases: Sequence[Row[Any]], verdicts: Mapping[str, Verdict]
) -> list[Opening]:
    """The intercept to open for this order (id, stage, since when), at most one; none while one lives, nor after the
    warehouse answered: for the same cause, as long as that has not been over in between, or that it got away."""
    order_id, stage, since = order
    races = [row for row in cases if row.kind == KIND]
    if stage is not Stage.PENDING_SHIP or any(row.state in LIVE for row in races):
        return []
    if any(row.solution == GOT_AWAY and row.solved_at is not None and row.solved_at >= since for row in races):
        return []
    for cause, (reason, _) in _CAUSES.items():
        verdict = verdicts.get(cause)
        if verdict is None or verdict.outcome is not Outcome.HIT or settled(cases, cause, verdict):
            continue
        if not any(_answers(row, cause, cases) for row in races):
            evidence = {"mark": f"{cause}:{verdict.mark}", CAUSE: cause}
            return [Opening(KIND, reason, Role.WAREHOUSE, order_id, evidence=evidence, steps=STEPS)]
    return []


def _answers(race: Row[Any], cause: str, cases: Sequence[Row[Any]]) -> bool:
    """Whether a person answered for that cause, and it has lasted since: a case of it that ended by itself later tells
    that it was over."""
    if race.solved_by is None or race.evidence.get(CAUSE) != cause:
        return False
    return not any(
        row.kind == cause and row.solved_by is None and row.solved_at is not None and row.solved_at > race.solved_at
        for row in cases
    )


def over(cases: Sequence[Row[Any]], verdicts: Mapping[str, Verdict]) -> dict[int, str]:
    """Live intercepts whose cause is over → why."""
    found = {}
    for row in cases:
        cause = row.evidence.get(CAUSE) if row.kind == KIND and row.state in LIVE else None
        verdict = verdicts.get(cause) if cause is not None else None
        if cause is None or verdict is None:
            continue
        if verdict.outcome is Outcome.MISS:
            found[row.id] = _CAUSES[cause][1]
        elif verdict.outcome is Outcome.HIT and settled(cases, cause, verdict):
            found[row.id] = _DEALT_WITH
    return found


def call_off(desk: Desk, closed: Sequence[Row[Any]], why: Mapping[int, str], tags: Mapping[int, str]) -> None:
    """Whoever runs after the parcel hears that they need not. `tags`: order id → how it is called."""
    races = [row for row in closed if row.kind == KIND and row.evidence.get(CAUSE)]
    if not races:
        return
    lead = runners(desk)
    for row in races:
        told = dict.fromkeys([*([row.owner_id] if row.owner_id is not None else []), *lead])
        words = f"{tags[row.order_id]}（{short_code(row.id)}）{why[row.id]}"
        owe.owe(desk, [owe.note(f"case:{row.id}:off", one, f"case:{row.id}", words) for one in told])


def runners(desk: Desk) -> list[int]:
    """The warehouse's lead, while there and on shift; else whose matter the warehouse's is just now."""
    return duty.roster(desk).lead_or_on_duty(people.staff(desk), Role.WAREHOUSE, desk.now)


def is_manned(desk: Desk) -> bool:
    """Whether anybody is in the warehouse who could run."""
    return any(_at_work(desk, people.with_role(people.staff(desk), Role.WAREHOUSE)))


def is_unsupervised(desk: Desk) -> bool:
    """Whether the warehouse is at work and no supervisor is: what a supervisor is told then comes too late."""
    here = _at_work(desk, people.staff(desk))
    return any(Role.WAREHOUSE in one.roles for one in here) and not any(Role.SUPERVISOR in one.roles for one in here)


def _at_work(desk: Desk, persons: Iterable[people.Person]) -> list[people.Person]:
    roster = duty.roster(desk)
    return [one for one in persons if not one.away and roster.on_shift(one.id, desk.now)]
