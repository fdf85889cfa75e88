from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from models import lease


def test_one_holds_it_until_it_ends_or_is_given_up(session: Session) -> None:
    assert lease.take(session, "wecom_bot", "a")
    assert lease.take(session, "wecom_bot", "a"), "renewed"
    assert not lease.take(session, "wecom_bot", "b")
    assert lease.take(session, "other", "b")
    session.execute(text("UPDATE leases SET until = now() - interval '1 second'"))
    assert lease.take(session, "wecom_bot", "b")
    lease.give_up(session, "wecom_bot", "a")
    assert not lease.take(session, "wecom_bot", "a")
    lease.give_up(session, "wecom_bot", "b")
    assert lease.take(session, "wecom_bot", "a")
