"""What people do with a case: claim, release, hand over, put off, end. Each is one conditional update that names the
revision it replaces, a trail row, and an edit owed to the sent cards."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import text

from handlers import opening, owe, people, permissions, watch
from handlers.batches import told
from handlers.caselife import forcing, ladder, patience, solving
from handlers.caselife.changing import (
    Change,
    Matter,
    change,
    check_mine,
    deadline_of,
    in_time,
    minutes_of,
    note,
    read,
    take_up,
)
from handlers.caselife.ending import end
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.duty import duty
from handlers.holding import again
from handlers.kinds import kind_of
from handlers.permissions import Permit
from handlers.wording import day, moment
from models import Role
from models.beijing import day_start
from models.case import short_code
from models.case_life import CHANGES, Life, Turn
from models.people import ROLE_TITLES

__all__ = [
    "CLAIM",
    "DELAY",
    "DISMISS",
    "RELEASE",
    "REOPEN",
    "SNOOZE",
    "SOLVE",
    "TRANSFER",
    "Matter",
    "accept_delay",
    "claim",
    "dismiss",
    "note",
    "release",
    "reopen",
    "snooze",
    "solve",
    "take_up",
    "transfer",
]  # fmt: skip

SNOOZE: Final = timedelta(hours=2)

CLAIM: Final = Permit("认领", own_role=True)
RELEASE: Final = Permit("释放", own_role=True)
SOLVE: Final = Permit("处理", own_role=True)
DELAY: Final = Permit("延后", own_role=True)
TRANSFER: Final = Permit("转交", own_role=True)
DISMISS: Final = Permit("忽略", own_role=True)
REOPEN: Final = Permit("重开", own_role=True)

_REOPEN: Final = text("""
    UPDATE cases c SET state = 'claimed', owner_id = :owner, claimed_until = :until, due_at = :due, solved_at = NULL,
        solved_by = NULL, solution = '', waiting_on = '', wake_at = NULL, revision = revision + 1
    WHERE id = :id AND revision = :revision AND state IN ('solved', 'dismissed') AND NOT EXISTS (
        SELECT FROM cases o WHERE o.kind = c.kind AND o.order_id = c.order_id AND o.state IN ('open', 'claimed'))
    RETURNING revision
""")


def claim(desk: Desk, case_id: int, actor: Actor, minutes: int | None = None) -> None:
    """It is mine, until the promised time: `minutes` from now, else as long as its kind may take."""
    matter = take_up(desk, case_id, CLAIM, actor)
    if matter.case.state == "claimed":
        raise Late("您已经认领" if matter.case.owner_id == actor.staff_id else f"已由{matter.case.owner}认领")
    until = desk.now + timedelta(minutes=minutes or minutes_of(desk, matter.case.kind, matter.case.evidence)[1])
    deadline = deadline_of(desk, matter)
    if minutes is not None and deadline is not None and desk.now < deadline < until:
        raise Refusal(f"平台发货时限是 {moment(deadline)}，承诺的时间不能晚于它")
    if minutes is None and deadline is not None and deadline > desk.now:
        until = min(until, in_time(desk.now, deadline))
    due_at = ladder.due_when_claimed(matter.case, until)
    values = {"owner_id": actor.staff_id, "claimed_until": until, "due_at": due_at}
    values["claimed_at"] = matter.case.claimed_at or desk.now
    change(desk, matter, actor, Change(Turn.CLAIM, "认领", f"{moment(until)} 前处理", values))


def release(desk: Desk, case_id: int, actor: Actor) -> None:
    """Back to the pool; the next step comes as planned."""
    matter = take_up(desk, case_id, RELEASE, actor)
    check_mine(matter, actor)
    case = matter.case
    planned = opening.step_due(case.steps, case.step, case.opened_at)
    if planned is None:  # all steps are taken: if nobody claims it again somebody is given it (handlers/due.py)
        planned = desk.now + patience.to_claim(desk, case)
    made = Change(Turn.RELEASE, "释放", "放回待认领", {"due_at": max(planned, desk.now)})
    change(desk, matter, actor, made)


def solve(desk: Desk, case_id: int, actor: Actor, words: str = "", *, remark: str = "") -> None:
    """Done. The order is unlocked where nothing else locks it, and the customer hears. `words`: how it ended, of an
    action that is an answer. `remark`: what a person wrote behind 完成; it ends nothing that wants an answer."""
    matter = take_up(desk, case_id, SOLVE, actor)
    _must_not_end_here(matter)
    kind = kind_of(matter.case.kind)
    solved = kind.solved
    if kind.ends_by and not words:
        raise Refusal(f"「{matter.title}」请回复结果：{short_code(case_id)} {kind.ends_by}")
    if not solved and not words:
        raise Refusal(f"「{matter.title}」处理好后会自动解除，不用手工完成")
    check_mine(matter, actor)
    solving.check(desk, matter, actor)
    end(desk, matter, actor, Change(Turn.SOLVE, "处理完成", words or remark or solved))


def dismiss(desk: Desk, case_id: int, actor: Actor, reason: str) -> None:
    """Not a matter after all; the same finding is not raised again."""
    matter = take_up(desk, case_id, DISMISS, actor)
    if matter.case.order_id is None:
        raise Refusal(f"「{matter.title}」不能忽略，处理完会自动解除")
    _must_not_end_here(matter)
    if why := forcing.why_not_dismissed(matter.case, matter.title):
        raise Refusal(why)
    check_mine(matter, actor)
    end(desk, matter, actor, Change(Turn.DISMISS, "忽略", reason))


def _must_not_end_here(matter: Matter) -> None:
    """Raises Refusal for what would leave goods behind of which nobody says what becomes of them."""
    if matter.case.kind == "refund_wait":
        code = short_code(matter.case.id)
        raise Refusal(f"「{matter.title}」在买家申请退款后自动解除；买家不退了请发：{code} 买家不退")


def transfer(desk: Desk, case_id: int, actor: Actor, to: people.Person) -> None:
    """Now it is theirs; they hear of it 1:1, and it goes up if they do not claim it."""
    matter = take_up(desk, case_id, TRANSFER, actor)
    if not to.roles & {matter.role, Role.SUPERVISOR}:
        theirs, wanted = permissions.role_titles(to.roles), ROLE_TITLES[matter.role]
        raise Refusal(f"{to.name}是{theirs}，这件事要{wanted}处理")
    if not _leads(desk, matter, actor):
        check_mine(matter, actor)
    duty.check_here(desk, to)
    values = {"owner_id": to.id, "due_at": desk.now + patience.to_claim(desk, matter.case)}
    revision = change(desk, matter, actor, Change(Turn.ASSIGN, "转交", f"转给{to.name}", values))
    owed = [owe.card(case_id, f"assigned{revision}", staff_id=to.id)]
    owe.owe(desk, [*owed, *_gone_from(matter, actor, to, revision)], by=actor)


def _leads(desk: Desk, matter: Matter, actor: Actor) -> bool:
    """Whether the actor says whose the role's matters are; asked only where somebody else has claimed it."""
    claimed = matter.case.state == "claimed" and matter.case.owner_id != actor.staff_id
    return claimed and duty.roster(desk).leads.get(matter.role) == actor.staff_id


def _gone_from(matter: Matter, actor: Actor, to: people.Person, revision: int) -> list[owe.Owed]:
    """Whoever had it hears who took it away, and who has it now."""
    case = matter.case
    if case.owner_id is None or case.owner_id == to.id:
        return []
    tag = matter.order.tag if matter.order is not None else ""
    words = f"{actor.name}把您手上的「{matter.title}」{tag}（{short_code(case.id)}）转给了{to.name}，不用再处理"
    return [owe.note(f"case:{case.id}:gone{revision}", case.owner_id, f"case:{case.id}", words)]


def snooze(desk: Desk, case_id: int, actor: Actor) -> datetime:
    """Two hours of quiet, seen by all, never past the platform's deadline. Returns until when."""
    matter = take_up(desk, case_id, DELAY, actor)
    check_mine(matter, actor)
    until = desk.now + SNOOZE
    deadline = deadline_of(desk, matter)
    if deadline is not None and deadline < until:
        raise Refusal(f"平台发货时限是 {moment(deadline)}，不能再延后 2 小时")
    evidence = {**matter.case.evidence, "snoozed_until": until.isoformat(), "snoozed_by": actor.name}
    values: dict[str, Any] = {"due_at": until, "evidence": evidence}
    if matter.case.state == "claimed":
        values |= {"claimed_until": until, "wake_at": until if matter.life is Life.WAITING else None}
    change(desk, matter, actor, Change(Turn.PUT_OFF, "延后提醒", f"到 {moment(until)}", values))
    return until


def accept_delay(desk: Desk, case_id: int, actor: Actor, until: date) -> None:
    """The order ships from `until`; its clock starts there."""
    matter = take_up(desk, case_id, DELAY, actor)
    if matter.case.kind != "delay_request" or matter.order is None:
        raise Refusal("只有「要求延后发货」可以改期")
    begins = day_start(until)
    if begins <= desk.now:
        raise Refusal(f"{until:%m-%d} 已经到了，请选以后的日期")
    check_mine(matter, actor)
    made = Change(Turn.SOLVE, "处理完成", f"已改到 {day(begins)} 发货")
    end(desk, matter, actor, made, not_before_at=begins)


def reopen(desk: Desk, case_id: int, actor: Actor) -> None:
    """Ended by mistake: open again, and the person who says so has it."""
    matter = read(desk, case_id)
    if matter is None or matter.order is None:
        raise Refusal("没有找到这件事，或者它不能重开")
    permissions.check(desk, REOPEN, actor, own=matter.role)
    case = matter.case
    again.check(desk, matter)
    until = desk.now + timedelta(minutes=minutes_of(desk, case.kind, case.evidence)[1])
    values = {"id": case_id, "revision": case.revision, "owner": actor.staff_id, "until": until}
    values["due"] = again.due_at(desk, case, until)
    ended = (matter.life, Turn.REOPEN) in CHANGES
    revision = desk.session.execute(_REOPEN, values).scalar_one_or_none() if ended else None
    if revision is None:
        raise Late("这件事还在处理中，不用重开")
    told.unsay(desk, [f"case:{case_id}:solved:customer"])  # the buyer hears of it when it is over
    note(desk, matter, actor, action="重开", detail={matter.title: "重新处理"})
    owe.owe(desk, [owe.edit(case_id, revision)], by=actor)
    again.causes(desk, matter, actor)
    watch.watch(desk, [matter.order.id])
