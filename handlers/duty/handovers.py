"""The life of a hand-over: one person offers what lies with them to another, who accepts or refuses it. Until then it
stays with the giver; who does not answer is reminded once, then the offer ends, and what lies with a giver who has gone
home by then is the pool's. At the end of a shift the hub proposes one (handlers/duty/leaving.py)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, people, trail
from handlers.desk import SYSTEM, Actor, Desk, Late, Refusal
from handlers.duty import duty, leaving, moving, telling
from handlers.duty.moving import Change
from handlers.duty.view import handover_code
from handlers.people import Person
from handlers.permissions import Permit
from handlers.wording import moment
from models import Role
from models.case_life import waits

GIVE: Final = Permit("交接")
CLOCK: Final = replace(SYSTEM, source="clock")
REMIND: Final = timedelta(minutes=20)  # both counted from the moment at which the taker may be told
LIFE: Final = timedelta(minutes=60)
STATES: Final = {
    "accepted": "已接收", "refused": "已拒绝", "withdrawn": "已撤回", "expired": "过期没有接收",
    "proposed": "还没有交出", "kept": "没有交接",
}  # fmt: skip
_LONGEST: Final = 60

_COLUMNS: Final = """
    SELECT h.*, g.name AS giver, t.name AS taker, t.active AS there FROM handovers h
        JOIN staff g ON g.id = h.giver_id JOIN staff t ON t.id = h.taker_id
"""
ONE: Final = text(f"{_COLUMNS} WHERE h.id = :id")
_ONE_LOCKED: Final = text(f"{_COLUMNS} WHERE h.id = :id FOR UPDATE OF h")
_DUE: Final = text(f"{_COLUMNS} WHERE h.due_at <= :now ORDER BY h.due_at FOR UPDATE OF h SKIP LOCKED")
_OPEN: Final = text(f"{_COLUMNS} WHERE h.state = 'offered' AND (h.giver_id = :id OR h.taker_id = :id) ORDER BY h.id")
_OFFER: Final = text("""
    INSERT INTO handovers (giver_id, taker_id, asked_by, items, kept, offered_at, due_at, expires_at)
    VALUES (:giver_id, :taker_id, :asked_by, cast(:items AS jsonb), cast(:kept AS jsonb), :now, :due_at, :expires_at)
    ON CONFLICT (giver_id) WHERE state = 'offered' DO NOTHING RETURNING id
""")
_END: Final = text("""
    UPDATE handovers SET state = :state, words = :words, "left" = :left, decided_at = :now, due_at = NULL,
        revision = revision + 1
    WHERE id = :id AND state IN ('offered', 'proposed') RETURNING revision
""")
_GO: Final = text("""
    UPDATE handovers SET state = 'offered', asked_by = giver_id, items = cast(:items AS jsonb),
        kept = cast(:kept AS jsonb), offered_at = :now, due_at = :due_at, expires_at = :expires_at,
        revision = revision + 1
    WHERE id = :id AND state = 'proposed' AND NOT EXISTS (
        SELECT FROM handovers o WHERE o.giver_id = handovers.giver_id AND o.state = 'offered')
    RETURNING revision
""")
_REMINDED: Final = text("UPDATE handovers SET reminded_at = :now, due_at = expires_at WHERE id = :id")


def offer(desk: Desk, actor: Actor, giver: Person, taker: Person) -> int:
    """Offer all that lies with `giver` to `taker`; returns the hand-over's id. Raises Refusal, Late when what the giver
    has is on offer already."""
    if actor.staff_id != giver.id and Role.SUPERVISOR not in actor.roles:
        raise Refusal("只能交接自己手上的事；替别人交接请主管操作")
    if giver.id == taker.id:
        raise Refusal("不能交接给本人，请写另一位同事")
    duty.check_here(desk, taker)
    what = _what(desk, giver, taker)
    values = {"giver_id": giver.id, "taker_id": taker.id, "asked_by": actor.staff_id, **what}
    made: int | None = desk.session.execute(_OFFER, values).scalar_one_or_none()
    if made is None:
        raise Late(f"{giver.name}的事已经在等人接收，要换人请先发：撤回交接")
    _offered(desk, made, actor, (giver, taker, json.loads(what["items"])))
    return made


def go(desk: Desk, handover_id: int, actor: Actor) -> str:
    """What was proposed to the giver is offered. Returns what came of it. Raises Refusal, Late."""
    row = _open(desk, handover_id, state="proposed")
    if actor.staff_id != row.giver_id:
        raise Refusal(f"这是{row.giver}手上的事，只有{row.giver}可以交接")
    by_id = {one.id: one for one in people.staff(desk)}
    giver, taker = by_id[row.giver_id], by_id.get(row.taker_id)
    if taker is None:
        raise Refusal(f"{row.taker}不在了，请发：交接 人名")
    duty.check_here(desk, taker)
    what = _what(desk, giver, taker)
    revision = desk.session.execute(_GO, {"id": row.id, **what}).scalar_one_or_none()
    if revision is None:
        raise Late("您的事已经在等人接收，要换人请先发：撤回交接")
    items = json.loads(what["items"])
    _offered(desk, row.id, actor, (giver, taker, items))
    owe.owe(desk, [edit(row.id, revision)])
    return f"已请{taker.name}接收 {len(items)} 件，接收前仍归您"


def _what(desk: Desk, giver: Person, taker: Person) -> dict[str, Any]:
    """What is offered, and the moments of the offer. Raises Refusal where there is nothing."""
    items, kept = leaving.sorted_out(desk, giver, taker)
    if not items:
        left = f"：{len(kept)} 件都不是{taker.name}的岗位能处理的" if kept else ""
        raise Refusal(f"{giver.name}手上没有可以交接的事{left}")
    begins = duty.quiet_until(desk, taker.id, desk.now) or desk.now
    return {
        "items": json.dumps(items), "kept": json.dumps(kept), "now": desk.now, "due_at": begins + REMIND,
        "expires_at": begins + LIFE,
    }  # fmt: skip


def _offered(desk: Desk, made: int, actor: Actor, what: tuple[Person, Person, Sequence[str]]) -> None:
    giver, taker, items = what
    said = {"交给": taker.name, "件数": str(len(items))}
    trail.write(desk, f"staff:{giver.id}", actor, action="提出交接", detail=said)
    told = [taker.id, *([giver.id] if giver.id != actor.staff_id else [])]
    owe.owe(desk, [_card(made, one) for one in told], by=actor)


def accept(desk: Desk, handover_id: int, actor: Actor) -> str:
    """It is the taker's now, each matter with a promise of its own. Returns what came of it. Raises Refusal, Late."""
    row = _open(desk, handover_id)
    if actor.staff_id != row.taker_id:
        raise Refusal(f"这是交给{row.taker}的，只有{row.taker}可以接收")
    taker = next(one for one in people.staff(desk) if one.id == row.taker_id)
    if taker.away:
        raise Refusal("您在请假，现在不能接收；已经回来了请先发：销假")
    lying = moving.these(desk, row.items)
    words = f"{row.giver} → {row.taker}"
    changes = [
        moving.claimed(desk, case, taker.id, words)
        for case in lying.cases
        if case.owner_id == row.giver_id and moving.fits(case, taker)
    ]
    changes += [Change(order, taker.id, words) for order in lying.orders if order.owner_id == row.giver_id]
    moving.apply(desk, lying, changes, actor, action="交接")
    left = len(row.items) - len(changes)
    _end(desk, row, "accepted", left=left)
    said = {"接收": row.taker, "件数": str(len(changes))}
    trail.write(desk, f"staff:{row.giver_id}", actor, action="交接", detail=said)
    rest = f"，{left} 件之前已经处理或转走" if left else ""
    _tell(desk, row, f"{row.taker}已接收{row.giver}交接的 {len(changes)} 件{rest}", actor)
    return f"{row.taker}已接收 {len(changes)} 件{rest}"


def refuse(desk: Desk, handover_id: int, actor: Actor, words: str = "") -> str:
    """Nothing moves, and the giver hears why. Raises Refusal, Late."""
    row = _open(desk, handover_id)
    if actor.staff_id != row.taker_id:
        raise Refusal(f"这是交给{row.taker}的，只有{row.taker}可以拒绝；不交了请{row.giver}发：撤回交接")
    why = f"：{words[:_LONGEST]}" if words else ""
    _end(desk, row, "refused", words=words[:_LONGEST])
    trail.write(desk, f"staff:{row.giver_id}", actor, action="拒绝交接", detail={"原因": words[:_LONGEST] or "没有写"})
    _tell(desk, row, f"{row.taker}没有接收{row.giver}的交接{why}；{len(row.items)} 件还在{row.giver}名下", actor)
    return f"{row.taker}已拒绝{why}"


def withdraw(desk: Desk, handover_id: int, actor: Actor) -> str:
    """The giver keeps it after all. Raises Refusal, Late."""
    row = _locked(desk, handover_id)
    if row.state not in ("offered", "proposed"):
        raise _late(row)
    if actor.staff_id not in (row.giver_id, row.asked_by) and Role.SUPERVISOR not in actor.roles:
        raise Refusal(f"只有{row.giver}本人或主管可以撤回")
    if row.state == "proposed":
        _end(desk, row, "kept")
        return "好的，仍归您"
    _end(desk, row, "withdrawn")
    trail.write(desk, f"staff:{row.giver_id}", actor, action="撤回交接", detail={"交给": row.taker})
    return f"{actor.name}已撤回"


def of_person(desk: Desk, staff_id: int) -> list[Row[Any]]:
    """The open hand-overs that somebody gives or is to take."""
    return list(desk.session.execute(_OPEN, {"id": staff_id}))


def look(desk: Desk) -> None:
    """The clock's look: whoever has not answered is reminded once; then the offer ends, and the giver and the
    supervisors hear that nobody took it."""
    for row in desk.session.execute(_DUE, {"now": desk.now}).all():
        if row.state == "proposed":
            _end(desk, row, "kept")
        elif row.expires_at <= desk.now or not row.there:
            _expire(desk, row)
        else:
            desk.session.execute(_REMINDED, {"now": desk.now, "id": row.id})
            code = handover_code(row.id)
            words = (
                f"{row.giver}交接给您的 {len(row.items)} 件还没有接收，在那之前还在{row.giver}名下；"
                f"{moment(row.expires_at)} 前请回复：{code} 接收，或：{code} 拒绝 原因"
            )
            owe.owe(desk, [owe.note(f"handover:{row.id}:remind", row.taker_id, f"handover:{row.id}", words)])


def edit(handover_id: int, revision: int) -> owe.Owed:
    return owe.Owed(f"handover:{handover_id}:edit:{revision}", "staff", "edit", f"handover:{handover_id}")


def _open(desk: Desk, handover_id: int, *, state: str = "offered") -> Row[Any]:
    """Locked. Raises Refusal where there is none, Late when it was decided."""
    row = _locked(desk, handover_id)
    if row.state != state:
        raise _late(row)
    return row


def _locked(desk: Desk, handover_id: int) -> Row[Any]:
    row = desk.session.execute(_ONE_LOCKED, {"id": handover_id}).one_or_none()
    if row is None:
        raise Refusal(f"没有{handover_code(handover_id)}，请看卡片上的编号")
    return row


def _late(row: Row[Any]) -> Late:
    if row.state == "offered":
        return Late(f"已经请{row.taker}接收")
    return Late(f"这次交接{row.taker if row.state in ('accepted', 'refused') else ''}{STATES[row.state]}")


def _expire(desk: Desk, row: Row[Any]) -> None:
    _end(desk, row, "expired")
    trail.write(desk, f"staff:{row.giver_id}", CLOCK, action="交接过期", detail={"交给": row.taker})
    freed = _set_free(desk, row)
    left = len(row.items) - freed
    words = f"{row.taker}没有接收{row.giver}的交接，"
    words += f"{row.giver}已经下班，{freed} 件放回待认领" if freed else ""
    if not freed:
        words += f"{left} 件还在{row.giver}名下，请另找人或再交接一次"
    elif left:
        words += f"，其余 {left} 件还在{row.giver}名下"
    supervisors = [one.id for one in people.with_role(people.staff(desk), Role.SUPERVISOR)]
    told = dict.fromkeys([row.giver_id, *supervisors])
    owe.owe(desk, [owe.note(f"handover:{row.id}:expired", one, f"handover:{row.id}", words) for one in told])


def _set_free(desk: Desk, row: Row[Any]) -> int:
    """Of a giver who has gone home the matters are the pool's, but for those that wait for somebody else; how many."""
    if not leaving.is_gone(duty.roster(desk), row.giver_id, desk.now):
        return 0
    lying = moving.these(desk, row.items)
    words = f"{row.giver} → {moving.POOL}"
    cases = [case for case in lying.cases if case.owner_id == row.giver_id and not waits(case)]
    changes = [moving.assigned(desk, case, None, words) for case in cases]
    moving.apply(desk, lying, changes, CLOCK, action="交接过期")
    why = f"{row.giver}下班了，{row.taker}没有接收交接"
    telling.tell_new_owners(desk, changes, subject=f"handover:{row.id}", why=why)
    return len(changes)


def _end(desk: Desk, row: Row[Any], state: str, *, words: str = "", left: int = 0) -> None:
    values = {"id": row.id, "state": state, "words": words, "left": left, "now": desk.now}
    revision = desk.session.execute(_END, values).scalar_one()
    owe.owe(desk, [edit(row.id, revision)])


def _tell(desk: Desk, row: Row[Any], words: str, actor: Actor) -> None:
    """The giver, and who asked for it in the giver's stead."""
    told: Sequence[int] = list(dict.fromkeys(one for one in (row.giver_id, row.asked_by) if one is not None))
    owe.owe(desk, [owe.note(f"handover:{row.id}:decided", one, f"handover:{row.id}", words) for one in told], by=actor)


def _card(handover_id: int, staff_id: int) -> owe.Owed:
    subject = f"handover:{handover_id}"
    return owe.Owed(f"{subject}:offered:staff:{staff_id}", "staff", "card", subject, str(staff_id))
