"""What others tell of an order costs a batch a handful of statements, whatever its size, and nothing where none is
open."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.orm import Session

from handlers import gather
from handlers.desk import Desk
from handlers.neighbours import Neighbours
from models import Order
from models.stages import Stage
from tests.cast import Cast
from tests.factories import make_order


def asked(desk: Desk, session: Session, orders: list[Order]) -> int:
    rows = gather.read_orders(desk, [order.id for order in orders])
    told, seen = Neighbours(desk, [row.id for row in rows], gather.receiver_of), list[str]()
    listener: Callable[..., None] = lambda *arguments: seen.append(arguments[2])  # noqa: E731
    event.listen(session.connection(), "before_cursor_execute", listener)
    for row in rows:
        told.of(row, Stage(row.stage))
    event.remove(session.connection(), "before_cursor_execute", listener)
    return len(seen)


def test_it_is_asked_once_for_all(desk: Desk, session: Session, cast: Cast) -> None:
    few, many = ([make_order(session) for _ in range(count)] for count in (2, 30))
    assert asked(desk, session, few) == 3  # the list, what came before, what repeats another
    assert asked(desk, session, many) == 2  # the list is read once in a transaction


def test_of_what_has_left_nothing_is_asked(desk: Desk, session: Session, cast: Cast) -> None:
    assert asked(desk, session, [make_order(session, stage="done") for _ in range(3)]) == 0
