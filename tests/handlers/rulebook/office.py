"""What the tests of rules say and look at."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from handlers import commands, due, pressing
from handlers.desk import Actor, Desk
from handlers.rulebook.view import RuleView
from handlers.views import TextView, View
from models import Case, Order
from tests.factories import NOW, pressed, typed


def said(desk: Desk, line: str, actor: Actor) -> View:
    return commands.run(desk, typed(line, sender="chenjie"), actor)


def rule(desk: Desk, line: str, actor: Actor) -> RuleView:
    view = said(desk, line, actor)
    assert isinstance(view, RuleView), view
    return view


def words(desk: Desk, line: str, actor: Actor) -> str:
    view = said(desk, line, actor)
    assert isinstance(view, TextView), view
    return view.text


def press(desk: Desk, action: str, view: RuleView, actor: Actor) -> View:
    return pressing.press(desk, pressed(action, f"rule:{view.rule_id}", revision=view.revision), actor)


def look(desk: Desk) -> None:
    """The clock's looks, until nothing is due."""
    desk.session.flush()
    while due.look(desk):
        pass


def change(session: Session, order: Order, **changes: object) -> None:
    """The order is so from now on, and due to be looked at."""
    session.refresh(order)
    for name, value in {"recheck_at": NOW, **changes}.items():
        setattr(order, name, value)
    session.flush()


def cases(session: Session, view: RuleView | int) -> Sequence[Case]:
    """Those of a rule, live or over."""
    rule_id = view if isinstance(view, int) else view.rule_id
    wanted = select(Case).where(Case.kind == f"own_{rule_id}").order_by(Case.id)
    return session.scalars(wanted.execution_options(populate_existing=True)).all()


def live(session: Session, view: RuleView | int) -> set[int]:
    """The orders on which a rule has a case now."""
    return {case.order_id or 0 for case in cases(session, view) if case.state in ("open", "claimed")}


def versions(session: Session, rule_id: int) -> list[tuple[int, str, str]]:
    found = session.execute(
        text("SELECT number, state, condition FROM rule_versions WHERE rule_id = :id ORDER BY number"), {"id": rule_id}
    )
    return [(row.number, row.state, row.condition) for row in found]
