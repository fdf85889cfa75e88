"""重开 of an intercept: the answer was a slip. What the race is run for lives again too, or it would be over at once;
what has left the warehouse is not run after again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe
from handlers.caselife import patience
from handlers.caselife.changing import Matter, note, read
from handlers.desk import Actor, Desk, Refusal
from handlers.holding import race
from models.stages import OPEN, TITLES, Stage

_STAGE: Final = text("SELECT stage FROM orders WHERE id = :id")
_ENDED: Final = text("""
    SELECT id FROM cases WHERE order_id = :id AND kind = ANY(:kinds) AND state = 'solved' AND solution = :gone
        AND solved_at = :at ORDER BY id
""")
# With whoever had it; a promise is not made again in their name.
_AGAIN: Final = text("""
    UPDATE cases c SET state = 'open', due_at = :due, claimed_until = NULL, wake_at = NULL, waiting_on = '',
        solved_at = NULL, solved_by = NULL, solution = '', revision = c.revision + 1
    WHERE c.id = :id AND c.state = 'solved' AND NOT EXISTS (SELECT FROM cases o
        WHERE o.kind = c.kind AND o.order_id = c.order_id AND o.state IN ('open', 'claimed'))
    RETURNING c.revision
""")


def check(desk: Desk, matter: Matter) -> None:
    """Raises Refusal where an intercept has nothing to stop any more."""
    if matter.case.kind != race.KIND or matter.order is None:
        return
    stage = Stage(desk.session.execute(_STAGE, {"id": matter.order.id}).scalar_one())
    if stage not in OPEN:
        raise Refusal(
            f"{matter.order.tag} 现在是{TITLES[stage]}，仓库拦不住了，「{matter.title}」不能重开；"
            "包裹在路上的请联系快递拦截改派，或者请客户拒收"
        )


def due_at(desk: Desk, case: Row[Any], until: datetime) -> datetime:
    """When it is looked at next that is claimed until then: a race has its two minutes again."""
    runs = case.kind == race.KIND and case.step < len(case.steps)
    return min(until, desk.now + timedelta(minutes=race.MINUTES)) if runs else until


def causes(desk: Desk, matter: Matter, actor: Actor) -> None:
    """What ended with this intercept, because its parcel was said to have left. `matter`: as it stood before."""
    if matter.case.kind != race.KIND or matter.case.solution != race.GOT_AWAY:
        return
    ended = {
        "id": matter.case.order_id, "kinds": list(race.CAUSES), "gone": race.GONE, "at": matter.case.solved_at,
    }  # fmt: skip
    for case_id in desk.session.execute(_ENDED, ended).scalars().all():
        cause = read(desk, case_id)
        assert cause is not None  # cases are never deleted
        due_at = desk.now + patience.to_claim(desk, cause.case)
        revision = desk.session.execute(_AGAIN, {"id": case_id, "due": due_at}).scalar_one_or_none()
        if revision is not None:
            note(desk, cause, actor, action="重开", detail={cause.title: "随拦截重新处理"})
            owe.owe(desk, [owe.edit(case_id, revision)], by=actor)
