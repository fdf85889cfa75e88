"""An absence as it is shown."""

from __future__ import annotations

from typing import Final

from handlers.buttons import Offer
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import absences, naming, periods
from handlers.duty.view import AbsenceView
from models import Role

_STATES: Final = {"over": "已结束", "withdrawn": "已销假"}


def show(desk: Desk, absence_id: int, actor: Actor | None, *, note: str = "") -> AbsenceView:
    """Raises Refusal when there is no such absence."""
    row = desk.session.execute(absences.ONE, {"id": absence_id}).one_or_none()
    if row is None:
        raise Refusal(f"没有请假{absence_id}，请看卡片上的编号")
    state = _STATES.get(row.state) or ("已结束" if row.ends_at <= desk.now else "")
    subjects = [one["subject"] for one in row.moved]
    may = actor is None or actor.staff_id == row.staff_id or Role.SUPERVISOR in actor.roles
    end = Offer("销假", "end_absence", f"absence:{row.id}", row.revision)
    return AbsenceView(
        absence_id=row.id,
        revision=row.revision,
        name=row.name,
        period=periods.shown(row.starts_at, row.ends_at),
        reason=row.reason,
        deputy=row.deputy,
        state=state,
        begun=row.state == "begun",
        lines=naming.lines(desk, subjects),
        total=len(subjects),
        at=desk.now,
        note=note,
        offers=(end,) if may and not state else (),
    )
