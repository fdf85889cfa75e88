"""What a question may cost the database: each statement is a round trip, and bar 5 counts them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from bot import router
from handlers.desk import Desk
from tests.cast import Cast, hire_all
from tests.factories import make_order, make_shop, typed


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE")):
            said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def cast(session: Session) -> Cast:
    return hire_all(session)


def test_an_order_by_its_tag_costs_three_statements_and_writes_nothing(
    desk: Desk, session: Session, cast: Cast, engine: Engine
) -> None:
    order = make_order(session, shop_id=make_shop(session).id)
    router.answer(desk, typed("看板", sender="xiaoli"))  # from here on it is known where they speak

    with counted(engine) as said:
        drawing = router.answer(desk, typed(f"查 {order.tag}", sender="xiaoli"))

    assert drawing is not None
    assert len(said) == 3, said
    assert all(statement.strip().startswith("SELECT") for statement in said)
