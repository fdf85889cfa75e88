"""A pull that tells nothing asks again in another way, and what it finds is one matter."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

import jobs
from config import Settings
from ingest import MARKETPLACES
from ingest.source import Action
from models import Case, Order, Shop
from operators.hub import prepare
from tests.ingest.fakes import FakeMarketplace, failure
from wire import Clock, Hub, enqueue

CYCLE = timedelta(minutes=10)


class Standing(Clock):
    def __init__(self, at: datetime) -> None:
        super().__init__("")
        self.at = at

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> FakeMarketplace:
    made = FakeMarketplace()
    monkeypatch.setitem(MARKETPLACES, "taobao", lambda _shop, _means: made)
    return made


@pytest.fixture
def hub(
    settings: Settings,
    engine: Engine,
    sessions: sessionmaker[Session],
    redis: Redis,
    market: FakeMarketplace,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> Hub:
    """Ten in the morning of the first day; one order came."""
    hub = Hub(settings, engine, sessions, redis, Standing(now), enqueue)
    prepare(hub)
    monkeypatch.setattr(jobs, "hub", lambda: hub)
    market.add(1, now - timedelta(minutes=8))
    jobs.pull_shop("tb")
    return hub


def later(hub: Hub, market: FakeMarketplace, *hidden: int) -> None:
    """A cycle later the shop is pulled; meanwhile orders came of which its list of changes shows none."""
    for number in hidden:
        market.hidden.add(str(number))
        market.add(number, hub.now() + timedelta(seconds=number))
    hub.clock.at += CYCLE  # type: ignore[attr-defined]
    jobs.pull_shop("tb")


def cases(hub: Hub) -> list[tuple[str, str]]:
    with hub.sessions() as session:
        return [(case.kind, case.state) for case in session.scalars(select(Case).where(Case.kind != "message_todo"))]


def orders(hub: Hub) -> set[str]:
    with hub.sessions() as session:
        return set(session.scalars(select(Order.external_id)))


def test_a_dead_feed_is_told_within_two_pulls_on_the_first_day_and_its_orders_come(
    hub: Hub, market: FakeMarketplace
) -> None:
    later(hub, market, 2, 3)
    later(hub, market, 4)
    assert cases(hub) == [("sync_silent", "open")]
    assert {"1", "2", "3"} <= orders(hub)
    later(hub, market)
    later(hub, market)
    assert (cases(hub), orders(hub)) == ([("sync_silent", "open")], {"1", "2", "3", "4"})
    market.add(5, hub.now())
    later(hub, market)
    assert cases(hub) == [("sync_silent", "solved")], "the list tells of orders again"


def test_customers_that_buy_nothing_are_no_alarm(hub: Hub, market: FakeMarketplace) -> None:
    for _ in range(12):
        later(hub, market)
    assert cases(hub) == []
    with hub.sessions() as session:
        checked_to = session.scalars(select(Shop.checked_to).where(Shop.slug == "tb")).one()
    assert checked_to is not None
    assert hub.now() - checked_to < 2 * CYCLE


def test_a_platform_that_does_not_answer_holds_up_no_pull_and_is_asked_again(
    hub: Hub, market: FakeMarketplace
) -> None:  # fmt: skip
    def plan(what: str) -> None:
        if what == "count":
            raise failure(Action.PAUSE)

    market.plan = plan
    later(hub, market, 2)
    later(hub, market)
    assert cases(hub) == []
    market.plan = lambda _what: None
    later(hub, market)
    assert cases(hub) == [("sync_silent", "open")]


def test_every_pull_leaves_a_sign_that_somebody_reads(hub: Hub, market: FakeMarketplace) -> None:
    def plan(_what: str) -> None:
        raise failure(Action.PAUSE)

    market.plan = plan
    later(hub, market)
    with hub.sessions() as session:
        assert session.scalars(select(Shop.tried_at).where(Shop.slug == "tb")).one() == hub.now()
