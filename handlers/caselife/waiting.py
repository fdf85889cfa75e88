"""等客户, 等采购, 等平台: nothing can be done here before somebody else answers. The promise rests meanwhile; locks
and the platform's deadline go on; at the wake time the owner is told once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row

from handlers import owe
from handlers.caselife.changing import Change, Matter, change, check_mine, deadline_of, in_time, take_up
from handlers.desk import Actor, Desk, Refusal
from handlers.kinds import title_of
from handlers.permissions import Permit
from handlers.wording import moment
from models.case import short_code
from models.case_life import Life, Turn, waits

WAIT: Final = Permit("等待", own_role=True)
ON: Final = {"customer": "等客户", "purchasing": "等采购", "platform": "等平台"}
USUAL: Final = timedelta(hours=4)
LEAST: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(days=7)
AWAKE: Final = timedelta(minutes=15)
"""What is left of a promise at the least when the wait is over."""
_LEFT: Final = "promise_left"  # seconds, in the evidence


def wait(desk: Desk, case_id: int, actor: Actor, on: str, *, until: datetime | None = None) -> datetime:
    """It waits on `on` (a key of ON) until then, 4 hours where nobody says it, never past the platform's deadline;
    who says so has it. Returns until when. Raises Refusal, Late."""
    matter = take_up(desk, case_id, WAIT, actor)
    if matter.order is None:
        raise Refusal(f"「{matter.title}」是多单或店铺的事，不能等待，请先认领处理")
    if matter.case.kind == "intercept":
        raise Refusal("拦截要马上回答：拦住 / 没拦住")
    check_mine(matter, actor)
    until = _until(desk, matter, until)
    case = matter.case
    left = (case.claimed_until - desk.now).total_seconds() if matter.life is Life.CLAIMED else None
    kept = case.evidence.get(_LEFT) if matter.life is Life.WAITING else left
    values: dict[str, Any] = {
        "waiting_on": on, "wake_at": until, "claimed_until": until, "due_at": until,
        "owner_id": case.owner_id if case.state == "claimed" else actor.staff_id,
        "claimed_at": case.claimed_at or desk.now, "evidence": {**case.evidence, _LEFT: kept},
    }  # fmt: skip
    change(desk, matter, actor, Change(Turn.WAIT, ON[on], f"到 {moment(until)}", values))
    return until


def _until(desk: Desk, matter: Matter, until: datetime | None) -> datetime:
    deadline = deadline_of(desk, matter)
    if deadline is not None and deadline <= desk.now:
        raise Refusal(f"已经过了平台发货时限 {moment(deadline)}，不能再等，请马上处理或转交")
    if until is None:
        usual = desk.now + USUAL
        return min(usual, in_time(desk.now, deadline)) if deadline is not None else usual
    if deadline is not None and until > deadline:
        raise Refusal(f"平台发货时限是 {moment(deadline)}，最晚等到那时")
    if not LEAST <= until - desk.now <= LONGEST:
        raise Refusal("一次可以等 5 分钟到 7 天，到时没有结果可以再等")
    return until


def shown(case: Row[Any]) -> str:
    """等客户，到 12-22 14:00; "" while it does not wait."""
    return f"{ON.get(case.waiting_on, '等待')}，到 {moment(case.wake_at)}" if waits(case) else ""


def promised(case: Row[Any], now: datetime) -> datetime:
    """When the promise of a case that wakes runs out: what was left of it, a quarter of an hour at the least."""
    left = case.evidence.get(_LEFT)
    return now + max(timedelta(seconds=left) if left is not None else AWAKE, AWAKE)


def woken(case: Row[Any], until: datetime) -> owe.Owed:
    """What its owner is told, once."""
    code, title = short_code(case.id), title_of(case.kind, case.evidence)
    on = ON.get(case.waiting_on, "等待")
    words = (
        f"「{title}」{case.tag or ''}（{code}）{on}的时间到了，请接着处理，{moment(until)} 前。"
        f"可回复：{code} 完成 / {code} {on} 2h"
    )
    return owe.note(f"case:{case.id}:wake:{case.due_at:%Y%m%d%H%M}", case.owner_id, f"case:{case.id}", words)
