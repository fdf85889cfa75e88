"""Two workers look at two messages for one customer in the same moment: one of them goes."""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from handlers.customers import manners
from handlers.desk import Desk
from models import Notification
from tests.factories import NOW, make_order, make_shop


def owe_two(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        make_shop(session, id=1)
        for number in range(2):
            order = make_order(session, ship_by_at=NOW - timedelta(hours=1))
            session.add(Notification(
                dedupe_key=str(number), channel="customer", recipient="oCustomer1", purpose="template", subject="",
                next_try_at=NOW, created_at=NOW - timedelta(hours=1), body={"template": "delayed", "order": order.id},
            ))  # fmt: skip
        session.commit()


def test_the_second_sees_that_the_first_is_being_sent(sessions: sessionmaker[Session], settings: Settings) -> None:
    owe_two(sessions)
    found: list[manners.KeptBack | None] = []

    def second() -> None:
        with sessions() as session:
            row = session.scalars(select(Notification).where(Notification.dedupe_key == "1")).one()
            found.append(manners.kept_back(Desk(session, NOW, settings), row))

    with sessions() as session:
        row = session.scalars(select(Notification).where(Notification.dedupe_key == "0")).one()
        row.state = "sending"
        session.flush()
        assert manners.kept_back(Desk(session, NOW, settings), row) is None
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "it waits for what becomes of the first"
        session.commit()
    thread.join(10)

    assert [kept and kept.why for kept in found] == [manners.ANOTHER]
