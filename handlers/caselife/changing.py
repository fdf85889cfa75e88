"""The one way in which a case changes: a turn that the table of its life allows, a conditional update that names the
revision it replaces, a trail row, and an edit owed to the sent cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text, update

from handlers import owe, permissions, seen, trail
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.kinds import title_of, usual_minutes
from handlers.manners import storms
from handlers.permissions import Permit
from handlers.tuning.tuned import tuned
from handlers.urgency import NEAR
from models import Case, Role
from models.case import LIVE
from models.case_life import TITLES, IllegalChange, Life, Turn, life_of, target

# The order first, then its case: everybody who needs both locks them in this order.
_ORDER: Final = text("""
    SELECT id, shop_id, external_id, tag, ship_by_at, not_before_at, buyer_key, trail_hash FROM orders
    WHERE id = (SELECT order_id FROM cases WHERE id = :id) FOR NO KEY UPDATE
""")
_CASE: Final = text("""
    SELECT c.*, coalesce(w.name, '') AS owner, coalesce(e.name, '系统') AS ended_by
    FROM cases c LEFT JOIN staff w ON w.id = c.owner_id LEFT JOIN staff e ON e.id = c.solved_by WHERE c.id = :id
""")
_ALONE: Final = text("SELECT id FROM cases WHERE id = :id AND order_id IS NULL FOR NO KEY UPDATE")
_HEAD: Final = text("UPDATE orders SET trail_hash = :hash WHERE id = :id")


_AWAKE: Final[Mapping[str, Any]] = {"waiting_on": "", "wake_at": None}
_OPEN: Final[Mapping[str, Any]] = {"state": "open", "claimed_until": None, **_AWAKE}
# What each place in a case's life is in its row; an end keeps what it waited for, for whoever takes it back.
_COLUMNS: Final[Mapping[Life, Mapping[str, Any]]] = {
    Life.OPENED: {**_OPEN, "owner_id": None},
    Life.ASSIGNED: _OPEN,
    Life.CLAIMED: {"state": "claimed", **_AWAKE},
    Life.WAITING: {"state": "claimed"},
    Life.SOLVED: {"state": "solved", "claimed_until": None},
    Life.DISMISSED: {"state": "dismissed", "claimed_until": None},
}


@dataclass(frozen=True, slots=True)
class Change:
    """One turn in a case's life: what the trail calls it, what it says, and the columns that it sets beside those that
    the turn itself means."""

    turn: Turn
    action: str
    words: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matter:
    case: Row[Any]
    order: Row[Any] | None
    role: Role

    @property
    def life(self) -> Life:
        return life_of(self.case)

    @property
    def title(self) -> str:
        return title_of(self.case.kind, self.case.evidence)


def read(desk: Desk, case_id: int) -> Matter | None:
    """A case with its order locked, alive or over; None where there is none."""
    order = desk.session.execute(_ORDER, {"id": case_id}).one_or_none()
    if order is None:  # of two who press at once the later one must read who was faster
        desk.session.execute(_ALONE, {"id": case_id})
    case = desk.session.execute(_CASE, {"id": case_id}).one_or_none()
    return Matter(case, order, Role(case.role)) if case is not None else None


def take_up(desk: Desk, case_id: int, permit: Permit, actor: Actor) -> Matter:
    """A live case, its order locked, with `permit` checked. Raises Refusal, Late when it is over or
    the pressed card shows another finding."""
    matter = read(desk, case_id)
    if matter is None:
        raise Refusal("没有找到这件事")
    permissions.check(desk, permit, actor, own=matter.role)
    if matter.case.state not in LIVE:
        raise Late(f"已由{matter.case.ended_by}处理")
    seen.check_case(desk, matter.case)
    return matter


def deadline_of(desk: Desk, matter: Matter) -> datetime | None:
    """The platform's; of a group matter the nearest of its orders'."""
    return matter.order.ship_by_at if matter.order else storms.nearest(desk, matter.case)


def in_time(now: datetime, deadline: datetime) -> datetime:
    """When a promise that nobody put into words must run out, so that somebody else can still keep the deadline: an
    hour before it, or halfway there."""
    return max(deadline - NEAR, now + (deadline - now) / 2)


def minutes_of(desk: Desk, kind: str, evidence: Mapping[str, Any]) -> tuple[int, int]:
    """To claim and to solve, as it is set now."""
    return tuned(desk).minutes(kind, usual_minutes(kind, evidence))


def check_mine(matter: Matter, actor: Actor) -> None:
    """Somebody else's claim silences the others; a supervisor may still act."""
    case = matter.case
    if case.state == "claimed" and case.owner_id != actor.staff_id and Role.SUPERVISOR not in actor.roles:
        raise Late(f"已由{case.owner}认领，可请{case.owner}处理或转交")


def change(desk: Desk, matter: Matter, actor: Actor, made: Change) -> int:
    """Write one change of a case, as the table of its life allows it, with its trail row. Returns the new
    revision. Raises Late when it stands elsewhere, or was changed."""
    case = matter.case
    try:
        life = target(matter.life, made.turn)
    except IllegalChange:
        raise Late(f"这件事现在是{TITLES[matter.life]}，没有改动") from None
    columns = {**_COLUMNS[life], **made.values}
    changed = (
        update(Case)
        .where(Case.id == case.id, Case.revision == case.revision, Case.state.in_(LIVE))
        .values(**columns, revision=Case.revision + 1)
        .returning(Case.revision)
        .execution_options(synchronize_session=False)
    )
    revision = desk.session.execute(changed).scalar_one_or_none()
    if revision is None:
        raise Late("刚被别人改动，请再看一眼")
    note(desk, matter, actor, action=made.action, detail={matter.title: made.words})
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
