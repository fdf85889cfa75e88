"""A hand-over as it is shown: to the taker with 接收 and 拒绝, to the giver with 撤回."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from handlers.buttons import Offer
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import handovers, naming
from handlers.duty.view import HandoverView, handover_code
from models import Role


def show(desk: Desk, handover_id: int, actor: Actor | None, *, note: str = "") -> HandoverView:
    """Raises Refusal when there is no such hand-over."""
    row = desk.session.execute(handovers.ONE, {"id": handover_id}).one_or_none()
    if row is None:
        raise Refusal(f"没有{handover_code(handover_id)}，请看卡片上的编号")
    return HandoverView(
        handover_id=row.id,
        revision=row.revision,
        giver=row.giver,
        taker=row.taker,
        state=_state(row),
        lines=naming.lines(desk, row.items),
        total=len(row.items),
        kept=len(row.kept),
        expires_at=row.expires_at,
        at=desk.now,
        note=note,
        asks=row.state == "proposed",
        offers=_offers(row, actor) if row.state in ("offered", "proposed") else (),
    )


def _state(row: Row[Any]) -> str:
    """Who and what: 老王已接收 6 件."""
    if row.state in ("offered", "proposed"):
        return ""
    who = row.taker if row.state in ("accepted", "refused") else ""
    count = f" {len(row.items) - row.left} 件" if row.state == "accepted" else ""
    why = f"：{row.words}" if row.words else ""
    return f"{who}{handovers.STATES[row.state]}{count}{why}"


def _offers(row: Row[Any], actor: Actor | None) -> tuple[Offer, ...]:
    subject = f"handover:{row.id}"
    if row.state == "proposed":
        go = Offer("交接", "offer_over", subject, row.revision, style="main")
        asked = actor is None or actor.staff_id == row.giver_id
        return (go, Offer("不交接", "keep_over", subject, row.revision)) if asked else ()
    takes = (
        Offer("接收", "take_over", subject, row.revision, style="main"),
        Offer("拒绝", "refuse_over", subject, row.revision),
    )
    back = Offer("撤回交接", "keep_over", subject, row.revision)
    if actor is None:
        return (*takes, back)
    gives = actor.staff_id in (row.giver_id, row.asked_by) or Role.SUPERVISOR in actor.roles
    return (*(takes if actor.staff_id == row.taker_id else ()), *((back,) if gives else ()))
