"""What the tests of fields say and look at."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, show
from handlers.desk import Actor, Desk, Refusal
from handlers.views import OrderView, TextView
from models import Order, TrailRow
from tests.factories import typed


def say(desk: Desk, line: str, by: Actor, **more: Any) -> Any:
    """Typed in a chat of one's own."""
    view = commands.run(desk, typed(line, **{"is_group": False, **more}), by)
    desk.session.expire_all()
    return view


def words(desk: Desk, line: str, by: Actor) -> str:
    view = say(desk, line, by)
    assert isinstance(view, TextView), view
    return view.text


def order_after(desk: Desk, line: str, by: Actor) -> OrderView:
    view = say(desk, line, by)
    assert isinstance(view, OrderView), view
    return view


def refused(desk: Desk, line: str, by: Actor) -> str:
    """What is answered to what cannot be; nothing of it is done, as the door would see to."""
    with pytest.raises(Refusal) as said, desk.session.begin_nested():
        say(desk, line, by)
    return str(said.value)


def fields_of(desk: Desk, order: Order) -> dict[str, str]:
    return dict(show.show_order(desk, order.id, None).fields)


def last_trail(session: Session) -> tuple[str, str]:
    row = session.scalars(select(TrailRow).order_by(TrailRow.id.desc())).first()
    assert row is not None
    return row.action, row.detail
