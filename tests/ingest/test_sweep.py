"""What a platform's list of changes hides is read again: open orders one by one, and lately created ones by night."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from ingest.reading import Reading
from ingest.source import Action
from ingest.sweep import Swept, created_lately, sweep
from models import Order, OrderRead, Shop
from models.beijing import BEIJING
from tests.ingest.fakes import failure
from tests.ingest.one_shop import Bench, fail_at

SEEN: list[dict[int, bool]] = []


@pytest.fixture
def bench(sessions: sessionmaker[Session], now: datetime) -> Bench:
    """Three open orders, stored two hours ago; a source that wants them read hourly."""
    bench = Bench(sessions, now - timedelta(hours=2))
    for number in range(3):
        bench.marketplace.add(number, bench.ago(30 - number))
    bench.pull()
    bench.now = now
    bench.marketplace.sweep_every = timedelta(hours=1)
    return bench


def reading(bench: Bench) -> Reading:
    return Reading(
        bench.sessions, 1, bench.marketplace, now=lambda: bench.now,
        watch=lambda _session, ids: bench.watched.extend(ids), sleep=bench.slept.append,
    )  # fmt: skip


def swept(bench: Bench, most: int = 100) -> Swept:
    bench.marketplace.read_alone.clear()
    return sweep(reading(bench), most, lambda _session, known: SEEN.append(dict(known)))


def test_a_change_that_no_list_shows_is_found(bench: Bench) -> None:
    bench.marketplace.rows[1] |= {"note": "改地址"}  # the moment of change stays, as JD's does for a memo
    bench.watched.clear()
    found = swept(bench)
    assert (found.read, found.changed, found.problem) == (3, 1, "")
    with bench.sessions() as session:
        changed = session.scalars(select(Order).where(Order.external_id == "1")).one()
    assert (bench.watched, changed.revision) == ([changed.id], 2)


def test_the_longest_unread_comes_first_and_no_more_than_is_allowed(bench: Bench) -> None:
    assert swept(bench, most=2).read == 2
    first = list(bench.marketplace.read_alone)
    bench.now += timedelta(minutes=5)
    assert swept(bench, most=2).read == 1
    assert sorted(first + bench.marketplace.read_alone) == ["0", "1", "2"]
    assert swept(bench).read == 0, "all were read within the hour"
    bench.now += timedelta(minutes=56)
    swept(bench)
    assert sorted(bench.marketplace.read_alone) == sorted(first), "their hour is over, the third one's is not"


def test_one_that_was_read_since_waits_behind_those_that_were_not(bench: Bench) -> None:
    with bench.sessions() as session:
        first = session.scalars(select(Order.id).where(Order.external_id == "0")).one()
        session.add(OrderRead(order_id=first, shop_id=1, read_at=bench.now - timedelta(minutes=90)))
        session.commit()
    swept(bench, most=2)
    assert sorted(bench.marketplace.read_alone) == ["1", "2"]


def test_what_was_just_stored_is_not_read_again(bench: Bench) -> None:
    bench.now -= timedelta(minutes=70)
    assert swept(bench).read == 0


def test_orders_that_are_done_are_left_and_forgotten(bench: Bench) -> None:
    swept(bench)
    with bench.sessions() as session:
        session.execute(update(Order).where(Order.external_id != "1").values(stage="done"))
        session.commit()
    bench.now += timedelta(hours=2)
    swept(bench)
    assert bench.marketplace.read_alone == ["1"]
    assert bench.count(OrderRead) == 1


def test_a_source_that_shows_everything_is_not_swept(bench: Bench) -> None:
    bench.marketplace.sweep_every = None
    assert (swept(bench).read, bench.marketplace.read_alone) == (0, [])


@pytest.mark.parametrize("why", ["stopped", "waiting"])
def test_a_shop_that_may_not_be_asked_is_left(bench: Bench, why: str) -> None:
    with bench.sessions() as session:
        shop = session.get_one(Shop, 1)
        shop.state = "stopped" if why == "stopped" else "working"
        shop.wait_until = bench.now + timedelta(minutes=1) if why == "waiting" else None
        session.commit()
    assert (swept(bench).read, bench.marketplace.read_alone) == (0, [])


def test_one_that_the_platform_does_not_tell_holds_up_no_other(bench: Bench) -> None:
    fail_at(bench, "order", failure(Action.PARK, text="不接受对这个订单的操作"))
    SEEN.clear()
    assert swept(bench).read == 3
    assert len(SEEN[0]) == 2, "of what was not told nothing is known"
    bench.now += timedelta(minutes=1)
    assert swept(bench).read == 0, "and is not asked for again and again"


def test_one_that_is_gone_is_counted_kept_and_told(bench: Bench) -> None:
    bench.marketplace.rows.pop(0)
    SEEN.clear()
    assert (swept(bench).gone, bench.count(Order)) == (1, 3)
    (known,) = SEEN
    with bench.sessions() as session:
        gone = session.scalars(select(Order.id).where(Order.external_id == "0")).one()
    assert [order_id for order_id, here in known.items() if not here] == [gone]
    assert len(known) == 3


def test_a_budget_that_ends_keeps_what_was_read(bench: Bench) -> None:
    bench.marketplace.rows[0] |= {"note": "改"}
    calls = [0]

    def plan(what: str) -> None:
        calls[0] += what == "order"
        if what == "order" and calls[0] == 2:
            raise failure(Action.WAIT, seconds=60, text="接口限流")

    bench.marketplace.plan = plan
    found = swept(bench)
    assert (found.read, found.changed, found.problem) == (1, 1, "接口限流（42）")
    bench.marketplace.plan = lambda _what: None
    assert swept(bench).read == 2


def test_the_orders_of_two_days_are_read_as_they_are_now(bench: Bench) -> None:
    day = timedelta(days=1)
    for number, ago in ((10, day), (11, 2 * day), (12, 4 * day), (13, timedelta(minutes=5))):
        bench.marketplace.hidden.add(str(number))
        bench.marketplace.add(number, bench.now, created=(bench.now - ago).isoformat())
    cursor = bench.synced_to()
    created_lately(reading(bench), bench.now.astimezone(BEIJING).date())
    with bench.sessions() as session:
        assert set(session.scalars(select(Order.external_id))) == {"0", "1", "2", "10", "11"}
    assert bench.synced_to() == cursor
