from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ingest.arrivals import note
from models import Arrival
from tests.ingest.one_shop import Bench

HOUR = datetime(2025, 12, 22, 1, 0, tzinfo=UTC)


def kept(session: Session) -> list[tuple[int, datetime, int, datetime]]:
    rows = session.scalars(
        select(Arrival).order_by(Arrival.shop_id, Arrival.hour).execution_options(populate_existing=True)
    )
    return [(row.shop_id, row.hour, row.orders, row.last_at) for row in rows]


def at(minutes: float) -> datetime:
    return HOUR + timedelta(minutes=minutes)


def test_orders_are_counted_by_the_hour_they_were_created_in(session: Session) -> None:
    note(session, 1, [at(-0.5), at(0), at(59.9), at(200)])
    note(session, 1, [at(3)])
    note(session, 2, [at(3)])
    note(session, 2, [at(5)])
    note(session, 2, [])
    assert kept(session) == [
        (1, at(-60), 1, at(-0.5)),
        (1, at(0), 3, at(59.9)),
        (1, at(180), 1, at(200)),
        (2, at(0), 2, at(5)),
    ]


def test_an_order_is_counted_once_however_often_it_comes(sessions: sessionmaker[Session], now: datetime) -> None:
    bench = Bench(sessions, now)
    for number in range(3):
        bench.marketplace.add(number, bench.ago(30))
    bench.pull()
    bench.now += timedelta(minutes=10)
    bench.marketplace.rows[0] |= {"modified": bench.ago(5).isoformat(), "created": bench.ago(40).isoformat()}
    bench.pull()
    with sessions() as session:
        assert [orders for _, _, orders, _ in kept(session)] == [3]
