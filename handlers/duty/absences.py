"""The life of an absence: asked for, begun (what the person had goes to a deputy or back to the pool), over, or taken
back, which gives back what nobody has touched since."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, people, trail
from handlers.caselife import patience
from handlers.desk import SYSTEM, Actor, Desk, Late, Refusal
from handlers.duty import duty, moving, periods, quiet, telling
from handlers.duty.moving import Change, Moved
from handlers.duty.periods import Period
from handlers.people import Person
from handlers.permissions import Permit
from models import Role

ASK: Final = Permit("请假")
CLOCK: Final = replace(SYSTEM, source="clock")
_LONGEST: Final = 60

_COLUMNS: Final = """
    SELECT a.*, s.name, coalesce(d.name, '') AS deputy FROM absences a JOIN staff s ON s.id = a.staff_id
        LEFT JOIN staff d ON d.id = a.deputy_id
"""
ONE: Final = text(f"{_COLUMNS} WHERE a.id = :id")
_ONE_LOCKED: Final = text(f"{_COLUMNS} WHERE a.id = :id FOR UPDATE OF a")
_DUE: Final = text(f"{_COLUMNS} WHERE a.due_at <= :now ORDER BY a.due_at FOR UPDATE OF a SKIP LOCKED")
_NEXT: Final = text("""
    SELECT id FROM absences WHERE staff_id = :id AND state IN ('planned', 'begun') AND ends_at > :now
    ORDER BY starts_at LIMIT 1
""")
# One at a time for a person: two periods asked for at once must not both stand.
_ALONE: Final = text("SELECT id FROM staff WHERE id = :id FOR NO KEY UPDATE")
_OVERLAPS: Final = text("""
    SELECT starts_at, ends_at FROM absences
    WHERE staff_id = :id AND state IN ('planned', 'begun') AND starts_at < :ends_at AND ends_at > :starts_at LIMIT 1
""")
_ADD: Final = text("""
    INSERT INTO absences (staff_id, starts_at, ends_at, reason, deputy_id, asked_by, asked_at, due_at)
    VALUES (:staff_id, :starts_at, :ends_at, :reason, :deputy_id, :asked_by, :now, :starts_at) RETURNING id
""")
_SET: Final = text("""
    UPDATE absences SET state = :state, due_at = :due_at, moved = coalesce(cast(:moved AS jsonb), moved),
        revision = revision + 1 WHERE id = :id RETURNING revision
""")


def ask(desk: Desk, actor: Actor, person: Person, period: Period, *, reason: str, deputy: Person | None) -> int:
    """Somebody is away for that time. Begins at once where it has begun. Returns its id. Raises Refusal."""
    _may(actor, person.id)
    desk.session.execute(_ALONE, {"id": person.id})
    when = {"id": person.id, "starts_at": period.starts_at, "ends_at": period.ends_at}
    other = desk.session.execute(_OVERLAPS, when).first()
    if other is not None:
        raise Refusal(f"{person.name} {periods.shown(*other)} 已经请假了，要改请先发：销假 {person.name}")
    if deputy is not None:
        _check_deputy(desk, person, deputy, period)
    made = {
        "staff_id": person.id, "starts_at": period.starts_at, "ends_at": period.ends_at, "reason": reason[:_LONGEST],
        "deputy_id": deputy.id if deputy else None, "asked_by": actor.staff_id, "now": desk.now,
    }  # fmt: skip
    absence_id: int = desk.session.execute(_ADD, made).scalar_one()
    said = {"时间": period.shown, "原因": reason[:_LONGEST], "交给": deputy.name if deputy else moving.POOL}
    trail.write(
        desk, f"staff:{person.id}", actor, action="请假", detail={name: word for name, word in said.items() if word}
    )
    _tell(desk, absence_id, [person.id, *([deputy.id] if deputy else [])], actor)
    if period.starts_at <= desk.now:
        _begin(desk, desk.session.execute(ONE, {"id": absence_id}).one(), actor)
    return absence_id


def current(desk: Desk, staff_id: int) -> int | None:
    """The absence of somebody that lasts, or else comes next."""
    found: int | None = desk.session.execute(_NEXT, {"id": staff_id, "now": desk.now}).scalar_one_or_none()
    return found


def withdraw(desk: Desk, absence_id: int, actor: Actor) -> str:
    """They are here after all: gives back what lies where it was left. Returns what came of it, in words. Raises
    Refusal, Late when it was over."""
    row = desk.session.execute(_ONE_LOCKED, {"id": absence_id}).one_or_none()
    if row is None:
        raise Refusal(f"没有请假{absence_id}，请看卡片上的编号")
    _may(actor, row.staff_id)
    if row.state not in ("planned", "begun") or row.ends_at <= desk.now:
        raise Late("这次请假已经结束")
    back, gone = _give_back(desk, row, actor) if row.state == "begun" else (0, 0)
    _set(desk, row, "withdrawn")
    said = {"时间": periods.shown(row.starts_at, row.ends_at)} | ({"还回": f"{back} 件"} if back else {})
    trail.write(desk, f"staff:{row.staff_id}", actor, action="销假", detail=said)
    quiet.look_again(desk, row.staff_id)
    words = f"{actor.name}已销假"
    words += f"，还回 {back} 件" if back else ""
    return words + (f"，{gone} 件已有别人接手，没有动" if gone else "")


def look(desk: Desk) -> None:
    """The clock's look: what begins, what ends."""
    for row in desk.session.execute(_DUE, {"now": desk.now}).all():
        if row.state == "planned" and row.ends_at > desk.now:
            _begin(desk, row, CLOCK)
        else:
            _set(desk, row, "over")


def edit(absence_id: int, revision: int) -> owe.Owed:
    return owe.Owed(f"absence:{absence_id}:edit:{revision}", "staff", "edit", f"absence:{absence_id}")


def _may(actor: Actor, staff_id: int) -> None:
    if actor.staff_id != staff_id and Role.SUPERVISOR not in actor.roles:
        raise Refusal("只能给自己请假、销假；给别人请假请主管操作")


def _check_deputy(desk: Desk, person: Person, deputy: Person, period: Period) -> None:
    if deputy.id == person.id:
        raise Refusal("不能交给本人，请写另一位同事")
    for away in duty.roster(desk).away:
        if away.staff_id == deputy.id and away.starts_at < period.ends_at and away.ends_at > period.starts_at:
            raise Refusal(f"{deputy.name} {periods.shown(away.starts_at, away.ends_at)} 也请假，请换一位同事")


def _tell(desk: Desk, absence_id: int, concerned: Sequence[int], actor: Actor) -> None:
    """Whom it concerns and the supervisors; nobody of the own act."""
    supervisors = [one.id for one in people.staff(desk) if Role.SUPERVISOR in one.roles]
    subject = f"absence:{absence_id}"
    told = dict.fromkeys([*concerned, *supervisors])
    cards = [owe.Owed(f"{subject}:asked:staff:{one}", "staff", "card", subject, str(one)) for one in told]
    owe.owe(desk, cards, by=actor)


def _begin(desk: Desk, row: Row[Any], actor: Actor) -> None:
    """What lies with the person goes to the deputy as far as it fits, all else back to the pool."""
    lying = moving.lying_with(desk, row.staff_id)
    everybody = people.staff(desk)
    deputy = next((one for one in everybody if one.id == row.deputy_id and not one.away), None)
    changes = []
    for case in lying.cases:
        to = deputy if deputy is not None and moving.fits(case, deputy) else None
        changes.append(moving.assigned(desk, case, to.id if to else None, _way(row.name, to)))
    for order in lying.orders:
        changes.append(Change(order, deputy.id if deputy else None, _way(row.name, deputy)))
    moved = moving.apply(desk, lying, changes, actor, action="请假转出")
    _set(desk, row, "begun", moved)
    why = f"{row.name}请假（{periods.shown(row.starts_at, row.ends_at)}）"
    telling.tell_new_owners(desk, changes, subject=f"absence:{row.id}", why=why)


def _way(name: str, to: Person | None) -> str:
    return f"{name} → {to.name if to else moving.POOL}"


def _give_back(desk: Desk, row: Row[Any], actor: Actor) -> tuple[int, int]:
    """(how many went back, how many somebody else has taken up or ended)."""
    kept = {one["subject"]: one for one in row.moved}
    lying = moving.these(desk, list(kept))
    changes = [
        _as_before(desk, row, case, kept[f"case:{case.id}"])
        for case in lying.cases
        if case.revision == kept[f"case:{case.id}"]["revision"]
    ]
    changes += [
        Change(order, row.staff_id, _back(row))
        for order in lying.orders
        if order.revision == kept[f"order:{order.id}"]["revision"]
    ]
    moving.apply(desk, lying, changes, actor, action="销假还回")
    return len(changes), len(kept) - len(changes)


def _as_before(desk: Desk, row: Row[Any], case: Row[Any], kept: Mapping[str, Any]) -> Change:
    """With the old promise where it still lies ahead, else with its time to claim it again."""
    promised = datetime.fromisoformat(kept["claimed_until"]) if kept["claimed_until"] else desk.now
    if kept["state"] == "claimed" and promised > desk.now:
        return Change(case, row.staff_id, _back(row), "claimed", promised, promised)
    return Change(case, row.staff_id, _back(row), due_at=desk.now + patience.to_claim(desk, case))


def _back(row: Row[Any]) -> str:
    return f"还给{row.name}"


def _set(desk: Desk, row: Row[Any], state: str, moved: Sequence[Moved] | None = None) -> None:
    kept = json.dumps([one.kept() for one in moved]) if moved is not None else None
    values = {"id": row.id, "state": state, "due_at": row.ends_at if state == "begun" else None, "moved": kept}
    revision = desk.session.execute(_SET, values).scalar_one()
    owe.owe(desk, [edit(row.id, revision)])
