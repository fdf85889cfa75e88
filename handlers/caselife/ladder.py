"""What becomes of a case whose moment came: it wakes, its claim runs out, it goes a step up its own copy of the
escalation policy; and at the end of that it is somebody's, whatever happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row

from handlers import opening, owe
from handlers.assigning import giving
from handlers.caselife import patience, waiting
from handlers.desk import Desk
from handlers.holding import race
from handlers.kinds import LEAD, kind_of, title_of
from handlers.people import Person
from handlers.wording import moment
from models import Role
from models.case import short_code
from models.case_life import Turn, waits
from models.people import ROLE_TITLES

_GRACE: Final = timedelta(minutes=15)  # between the reminder of an expired claim and its return to the pool
_PAUSE: Final = timedelta(minutes=30)  # before another look while everybody is absent


@dataclass(frozen=True, slots=True)
class Step:
    """What a due case becomes, by which turn of its life, and who hears what."""

    turn: Turn
    state: str
    owner_id: int | None
    claimed_until: datetime | None
    step: int
    next_at: datetime | None
    action: str
    detail: str
    targets: Sequence[str] = ()
    remind: int | None = None  # the claimant who is reminded
    more: bool = False  # whether the reminder is noted
    woken: bool = False  # the owner is told that the wait is over
    given: Mapping[str, Any] | None = None  # to whom it goes at the end of its ladder, and why

    @property
    def is_over(self) -> bool:
        """Nobody has said yes to it, and no step comes any more."""
        return self.state == "open" and self.next_at is None


def _led(case: Row[Any]) -> bool:
    """Whether the role's lead was told alone, and has let it pass."""
    return bool(case.steps) and "lead" in case.steps[0]["tell"]


def next_step(desk: Desk, case: Row[Any]) -> Step:
    """The next step of a due case: up the ladder when nobody has it, a reminder and then the pool when a claim ran
    out."""
    now = desk.now
    if waits(case):
        until = waiting.promised(case, now)
        said = f"{moment(until)} 前接着处理"
        return Step(Turn.WAKE, "claimed", case.owner_id, until, case.step, until, "等待到时", said, woken=True)
    if case.state == "claimed":
        return _unanswered(case, now) if _goes_on(case) else _expired(desk, case)
    if case.step >= len(case.steps):  # all heard of it long ago: only who gets it now
        return Step(Turn.CLIMB, "open", case.owner_id, None, case.step + 1, None, "无人认领", "所有人都通知过了")
    return _up(case, case.owner_id, now)


def due_when_claimed(case: Row[Any], until: datetime) -> datetime:
    """When a case is looked at next that is claimed until then: a race goes on until it is answered."""
    planned = opening.step_due(case.steps, case.step, case.opened_at) if case.kind == race.KIND else None
    return min(planned, until) if planned is not None else until


def _goes_on(case: Row[Any]) -> bool:
    """Whether a claim ends nobody's waiting for the next step."""
    promised = case.claimed_until is not None and case.due_at < case.claimed_until
    return bool(case.kind == race.KIND and promised and case.step < len(case.steps))


def _unanswered(case: Row[Any], now: datetime) -> Step:
    """The next step comes all the same, and the claim stands."""
    step = _up(case, case.owner_id, now)
    until = case.claimed_until
    return replace(step, state="claimed", claimed_until=until, next_at=min(step.next_at or until, until))


def _expired(desk: Desk, case: Row[Any]) -> Step:
    """Once a reminder; then it lies in the pool as long as it may take to claim it, before it goes up further."""
    now = desk.now
    if case.claimed_until is not None and case.evidence.get("reminded") != case.claimed_until.isoformat():
        said = "认领已到约定时间"
        return Step(
            Turn.CLIMB, "claimed", case.owner_id, case.claimed_until, case.step, now + _GRACE, "提醒", said,
            remind=case.owner_id, more=True,
        )  # fmt: skip
    step, soonest = _up(case, None, now), now + patience.to_claim(desk, case)
    next_at = max(step.next_at or soonest, soonest)
    return replace(step, turn=Turn.EXPIRE, next_at=next_at, action="认领过期", detail="放回待认领")


def _called(target: str) -> str:
    titles = {"group": "群", "owner": "负责人", "role": "岗位", "lead": "组长", "supervisor": "主管"}
    return titles.get(target) or f"{ROLE_TITLES[Role(target.removeprefix(LEAD))]}组长"


def _up(case: Row[Any], owner_id: int | None, now: datetime) -> Step:
    """One step up the case's own copy of the policy; after the last one its supervisors have it."""
    targets = case.steps[case.step]["tell"] if case.step < len(case.steps) else ["supervisor"]
    following = opening.step_due(case.steps, case.step + 1, case.opened_at)
    next_at = max(following, now + timedelta(minutes=1)) if following else None
    said = "、".join(_called(target) for target in targets)
    return Step(Turn.CLIMB, "open", owner_id, None, case.step + 1, next_at, "升级提醒", f"通知{said}", targets=targets)


def owned(desk: Desk, due: Mapping[int, Row[Any]], steps: Mapping[int, Step]) -> Mapping[int, Step]:
    """No matter is left lying: at the end of its ladder it is the lead's, or a supervisor's, also where it was given to
    somebody who never claimed it. While all are absent who could end it, it is looked at again."""
    steps = _spread(desk, due, steps)
    left = [case_id for case_id, step in steps.items() if step.is_over and _may_go_on(due[case_id])]
    if not left:
        return steps
    asked = [(Role(due[case_id].role), _led(due[case_id]), due[case_id].owner_id) for case_id in left]
    found = dict(steps)
    for case_id, person in zip(left, giving.last_owners(desk, asked), strict=True):
        step = steps[case_id]
        if person is None or not person.roles & {Role.SUPERVISOR, Role(due[case_id].role)}:
            step = found[case_id] = replace(step, next_at=desk.now + _PAUSE)  # until somebody is back who can end it
        if person is None or person.id == step.owner_id:
            continue  # there is nobody else
        given = {"to": person.id, "why": f"没有人认领，归{person.name}"}
        found[case_id] = replace(
            step, turn=Turn.ASSIGN, owner_id=person.id, targets=_hearing(due[case_id], step, person), given=given,
            detail=f"{step.detail}，归{person.name}",
        )  # fmt: skip
    return found


def _spread(desk: Desk, due: Mapping[int, Row[Any]], steps: Mapping[int, Step]) -> Mapping[int, Step]:
    """What a lead alone was told, and a supervisor who is not there hears next: the whole role hears it too."""
    led = [case_id for case_id, step in steps.items() if "supervisor" in step.targets and _led(due[case_id])]
    if not led or not race.is_unsupervised(desk):
        return steps
    spread = {
        case_id: replace(
            steps[case_id], targets=[*steps[case_id].targets, "role"], detail=f"{steps[case_id].detail}、岗位"
        )
        for case_id in led
    }
    return {**steps, **spread}


def _may_go_on(case: Row[Any]) -> bool:
    """What tells nobody (a person's lock) stays with whom it concerns."""
    return case.owner_id is None or bool(kind_of(case.kind, case.evidence).tells)


def _hearing(case: Row[Any], step: Step, person: Person) -> Sequence[str]:
    """The new owner hears of it; a supervisor whom the ladder told already only sees it on the card, unless somebody
    had claimed it since."""
    told = {target for one in case.steps[: case.step] for target in one["tell"]} | set(step.targets)
    claimed = case.evidence.get("reminded") and "supervisor" not in step.targets
    knows = Role.SUPERVISOR in person.roles and "supervisor" in told and not claimed
    return step.targets if knows else (*step.targets, "owner")


def reminder(case: Row[Any], staff_id: int) -> owe.Owed:
    """Once, to whoever promised."""
    code, title = short_code(case.id), title_of(case.kind, case.evidence)
    words = (
        f"您认领的「{title}」{case.tag or ''}（{code}）已到约定时间，请处理；15 分钟后会放回待认领。"
        f"可回复：{code} 完成 / {code} +2h"
    )
    return owe.note(f"case:{case.id}:remind:{case.due_at:%Y%m%d%H%M}", staff_id, f"case:{case.id}", words)
