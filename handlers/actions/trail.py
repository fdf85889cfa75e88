"""轨迹: who did what, when, and what the customer was sent; of the card's order, or of a matter without one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import subjects, trail
from handlers.actions.action import Action, Button, CaseState, press_of
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming
from handlers.kinds import title_of
from handlers.permissions import Permit
from handlers.supply import parcel_news
from handlers.views import TrailView, View
from models.case import LIVE, short_code

_CASE: Final = text("SELECT id, kind, evidence, order_id FROM cases WHERE id = :id")


def _press(desk: Desk, incoming: Incoming, _actor: Actor) -> View:
    kind, number = subjects.split(press_of(incoming).subject)
    if kind == "order":
        return _of_order(desk, number)
    case = desk.session.execute(_CASE, {"id": number}).one_or_none() if kind == "case" else None
    if case is None:
        raise Refusal("没有找到这件事")
    return _of_order(desk, case.order_id) if case.order_id is not None else _of_case(desk, case)


def _of_order(desk: Desk, order_id: int) -> TrailView:
    return replace(trail.of_order(desk, order_id), parcels=parcel_news.ways(desk, order_id))


def _of_case(desk: Desk, case: Row[Any]) -> TrailView:
    subject = f"case:{case.id}"
    shown, total = trail.entries(desk.session, subject)
    name = f"{title_of(case.kind, case.evidence)}（{short_code(case.id)}）"
    return TrailView(name, tuple(shown), total, whole=trail.verify(desk.session, subject))


def _on_case(case: CaseState) -> tuple[Button, ...]:
    """The menu of a live matter of one order is full; there it can be typed."""
    return () if case.state in LIVE and case.is_alone else (Button("轨迹"),)


ACTION = Action(Permit("轨迹"), _press, words={"轨迹": "", "记录轨迹": ""}, on_case=_on_case, in_menu=True)
