"""What people do with a case: claim, release, hand over, put off, end. Each is one conditional update that names the
revision it replaces, a trail row, and an edit owed to the sent cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text, update

from handlers import opening, owe, people, permissions, trail, watch
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.duty import duty
from handlers.kinds import kind_of, title_of, usual_minutes
from handlers.manners import storms
from handlers.permissions import Permit
from handlers.tuning.tuned import tuned
from handlers.wording import day, moment
from models import Case, Role
from models.beijing import day_start
from models.case import LIVE, short_code
from models.people import ROLE_TITLES

SNOOZE: Final = timedelta(hours=2)

CLAIM: Final = Permit("认领", own_role=True)
RELEASE: Final = Permit("释放", own_role=True)
SOLVE: Final = Permit("处理", own_role=True)
DELAY: Final = Permit("延后", own_role=True)
TRANSFER: Final = Permit("转交", own_role=True)
DISMISS: Final = Permit("忽略", own_role=True)
REOPEN: Final = Permit("重开", own_role=True)

# The order first, then its case: everybody who needs both locks them in this order.
_ORDER: Final = text("""
    SELECT id, shop_id, external_id, tag, ship_by_at, buyer_key, trail_hash FROM orders
    WHERE id = (SELECT order_id FROM cases WHERE id = :id) FOR NO KEY UPDATE
""")
_CASE: Final = text("""
    SELECT c.*, coalesce(w.name, '') AS owner, coalesce(e.name, '系统') AS ended_by
    FROM cases c LEFT JOIN staff w ON w.id = c.owner_id LEFT JOIN staff e ON e.id = c.solved_by WHERE c.id = :id
""")
_NOT_BEFORE: Final = text("UPDATE orders SET not_before_at = :at WHERE id = :id")
_REOPEN: Final = text("""
    UPDATE cases c SET state = 'claimed', owner_id = :owner, claimed_until = :until, due_at = :until, solved_at = NULL,
        solved_by = NULL, solution = '', revision = revision + 1
    WHERE id = :id AND revision = :revision AND state IN ('solved', 'dismissed') AND NOT EXISTS (
        SELECT FROM cases o WHERE o.kind = c.kind AND o.order_id = c.order_id AND o.state IN ('open', 'claimed'))
    RETURNING revision
""")
_HEAD: Final = text("UPDATE orders SET trail_hash = :hash WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Matter:
    case: Row[Any]
    order: Row[Any] | None
    role: Role

    @property
    def title(self) -> str:
        return title_of(self.case.kind, self.case.evidence)


def take_up(desk: Desk, case_id: int, permit: Permit, actor: Actor) -> Matter:
    """A live case, its order locked, with `permit` checked. Raises Refusal, Late when it is over."""
    order = desk.session.execute(_ORDER, {"id": case_id}).one_or_none()
    case = desk.session.execute(_CASE, {"id": case_id}).one_or_none()
    if case is None:
        raise Refusal("没有找到这件事")
    matter = Matter(case, order, Role(case.role))
    permissions.check(desk, permit, actor, own=matter.role)
    if case.state not in LIVE:
        raise Late(f"已由{case.ended_by}处理")
    return matter


def claim(desk: Desk, case_id: int, actor: Actor, minutes: int | None = None) -> None:
    """It is mine, until the promised time: `minutes` from now, else as long as its kind may take."""
    matter = take_up(desk, case_id, CLAIM, actor)
    if matter.case.state == "claimed":
        raise Late("您已经认领" if matter.case.owner_id == actor.staff_id else f"已由{matter.case.owner}认领")
    until = desk.now + timedelta(minutes=minutes or _minutes(desk, matter.case.kind)[1])
    deadline = matter.order.ship_by_at if matter.order else None
    if minutes is not None and deadline is not None and desk.now < deadline < until:
        raise Refusal(f"平台发货时限是 {moment(deadline)}，承诺的时间不能晚于它")
    values = {"state": "claimed", "owner_id": actor.staff_id, "claimed_until": until, "due_at": until}
    values["claimed_at"] = matter.case.claimed_at or desk.now
    _change(desk, matter, actor, action="认领", detail={matter.title: f"{moment(until)} 前处理"}, values=values)


def _minutes(desk: Desk, kind: str) -> tuple[int, int]:
    """To claim and to solve, as it is set now."""
    return tuned(desk).minutes(kind, usual_minutes(kind))


def release(desk: Desk, case_id: int, actor: Actor) -> None:
    """Back to the pool; the next step comes as planned."""
    matter = take_up(desk, case_id, RELEASE, actor)
    _check_mine(matter, actor)
    case = matter.case
    planned = opening.step_due(case.steps, case.step, case.opened_at)
    values = {
        "state": "open", "owner_id": None, "claimed_until": None,
        "due_at": max(planned, desk.now) if planned else None,
    }  # fmt: skip
    _change(desk, matter, actor, action="释放", detail={matter.title: "放回待认领"}, values=values)


def solve(desk: Desk, case_id: int, actor: Actor, words: str = "") -> None:
    """Done. The order is unlocked where nothing else locks it, and the customer hears."""
    matter = take_up(desk, case_id, SOLVE, actor)
    kind = kind_of(matter.case.kind)
    solved = kind.solved
    if kind.ends_by and not words:
        raise Refusal(f"「{matter.title}」请回复结果：{short_code(case_id)} {kind.ends_by}")
    if not solved and not words:
        raise Refusal(f"「{matter.title}」处理好后会自动解除，不用手工完成")
    _check_mine(matter, actor)
    _end(desk, matter, actor, state="solved", words=words or solved)


def dismiss(desk: Desk, case_id: int, actor: Actor, reason: str) -> None:
    """Not a matter after all; the same finding is not raised again."""
    matter = take_up(desk, case_id, DISMISS, actor)
    if matter.case.order_id is None:
        raise Refusal(f"「{matter.title}」不能忽略，处理完会自动解除")
    _check_mine(matter, actor)
    _end(desk, matter, actor, state="dismissed", words=reason)


def transfer(desk: Desk, case_id: int, actor: Actor, to: people.Person) -> None:
    """Now it is theirs; they hear of it 1:1, and it goes up if they do not claim it."""
    matter = take_up(desk, case_id, TRANSFER, actor)
    if not to.roles & {matter.role, Role.SUPERVISOR}:
        theirs, wanted = permissions.role_titles(to.roles), ROLE_TITLES[matter.role]
        raise Refusal(f"{to.name}是{theirs}，这件事要{wanted}处理")
    duty.check_here(desk, to)
    due_at = desk.now + timedelta(minutes=_minutes(desk, matter.case.kind)[0])
    values = {"state": "open", "owner_id": to.id, "claimed_until": None, "due_at": due_at}
    revision = _change(desk, matter, actor, action="转交", detail={matter.title: f"转给{to.name}"}, values=values)
    owe.owe(desk, [owe.card(case_id, f"assigned{revision}", staff_id=to.id)], by=actor)


def snooze(desk: Desk, case_id: int, actor: Actor) -> datetime:
    """Two hours of quiet, seen by all, never past the platform's deadline. Returns until when."""
    matter = take_up(desk, case_id, DELAY, actor)
    _check_mine(matter, actor)
    until = desk.now + SNOOZE
    deadline = matter.order.ship_by_at if matter.order else storms.nearest(desk, matter.case)
    if deadline is not None and deadline < until:
        raise Refusal(f"平台发货时限是 {moment(deadline)}，不能再延后 2 小时")
    evidence = {**matter.case.evidence, "snoozed_until": until.isoformat(), "snoozed_by": actor.name}
    values: dict[str, Any] = {"due_at": until, "evidence": evidence}
    if matter.case.state == "claimed":
        values["claimed_until"] = until
    _change(desk, matter, actor, action="延后提醒", detail={matter.title: f"到 {moment(until)}"}, values=values)
    return until


def accept_delay(desk: Desk, case_id: int, actor: Actor, until: date) -> None:
    """The order ships from `until`; its clock starts there."""
    matter = take_up(desk, case_id, DELAY, actor)
    if matter.case.kind != "delay_request" or matter.order is None:
        raise Refusal("只有「要求延后发货」可以改期")
    begins = day_start(until)
    if begins <= desk.now:
        raise Refusal(f"{until:%m-%d} 已经到了，请选以后的日期")
    _check_mine(matter, actor)
    _end(desk, matter, actor, state="solved", words=f"已改到 {day(begins)} 发货", not_before_at=begins)


def _check_mine(matter: Matter, actor: Actor) -> None:
    """Somebody else's claim silences the others; a supervisor may still act."""
    case = matter.case
    if case.state == "claimed" and case.owner_id != actor.staff_id and Role.SUPERVISOR not in actor.roles:
        raise Late(f"已由{case.owner}认领，可请{case.owner}处理或转交")


def reopen(desk: Desk, case_id: int, actor: Actor) -> None:
    """Ended by mistake: open again, and the person who says so has it."""
    order = desk.session.execute(_ORDER, {"id": case_id}).one_or_none()
    case = desk.session.execute(_CASE, {"id": case_id}).one_or_none()
    if case is None or order is None:
        raise Refusal("没有找到这件事，或者它不能重开")
    permissions.check(desk, REOPEN, actor, own=Role(case.role))
    until = desk.now + timedelta(minutes=_minutes(desk, case.kind)[1])
    values = {"id": case_id, "revision": case.revision, "owner": actor.staff_id, "until": until}
    revision = desk.session.execute(_REOPEN, values).scalar_one_or_none()
    if revision is None:
        raise Late("这件事还在处理中，不用重开")
    matter = Matter(case, order, Role(case.role))
    note(desk, matter, actor, action="重开", detail={matter.title: "重新处理"})
    owe.owe(desk, [owe.edit(case_id, revision)], by=actor)
    watch.watch(desk, [order.id])


def _end(
    desk: Desk, matter: Matter, actor: Actor, *, state: str, words: str, not_before_at: datetime | None = None
) -> None:  # fmt: skip
    case, order = matter.case, matter.order
    values = {
        "state": state, "solved_at": desk.now, "solved_by": actor.staff_id, "solution": words, "due_at": None,
        "claimed_until": None,
    }  # fmt: skip
    action = "处理完成" if state == "solved" else "忽略"
    _change(desk, matter, actor, action=action, detail={matter.title: words}, values=values)
    if order is None:
        return
    if not_before_at is not None:
        desk.session.execute(_NOT_BEFORE, {"at": not_before_at, "id": order.id})
    customer = kind_of(case.kind).customer
    if customer and state == "solved":
        buyer = (order.shop_id, order.buyer_key, order.external_id)
        owe.owe_customers(desk, [owe.solved_message(desk, case.id, buyer, customer)])
    watch.watch(desk, [order.id])  # unlocks, and sets the clock anew


def _change(
    desk: Desk, matter: Matter, actor: Actor, *, action: str, detail: Mapping[str, Any], values: Mapping[str, Any]
) -> int:  # fmt: skip
    """Write one change of a case with its trail row; returns the new revision. Raises Late when it was changed."""
    case = matter.case
    changed = (
        update(Case)
        .where(Case.id == case.id, Case.revision == case.revision, Case.state.in_(LIVE))
        .values(**values, revision=Case.revision + 1)
        .returning(Case.revision)
        .execution_options(synchronize_session=False)
    )
    revision = desk.session.execute(changed).scalar_one_or_none()
    if revision is None:
        raise Late("刚被别人改动，请再看一眼")
    note(desk, matter, actor, action=action, detail=detail)
    owe.owe(desk, [owe.edit(case.id, revision)], by=actor)
    return int(revision)


def note(desk: Desk, matter: Matter, actor: Actor, *, action: str, detail: Mapping[str, Any]) -> None:
    """The trail row of a change, in the chain of the order, or of the case where there is none."""
    order = matter.order
    if order is None:
        trail.write(desk, f"case:{matter.case.id}", actor, action=action, detail=detail)
        return
    subject = trail.order_subject(order.shop_id, order.external_id)
    row = trail.row(desk, subject, bytes(order.trail_hash), actor=actor, action=action, detail=detail)
    trail.insert(desk, [row])
    desk.session.execute(_HEAD, {"hash": row.hash, "id": order.id})
