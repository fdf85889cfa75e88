"""An application with few calls, on a platform that counts them: it is never refused, and gets everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from redis import Redis
from sqlalchemy.orm import Session, sessionmaker

from ingest import Marketplace
from models import Shop
from sandbox.clock import Clock
from sandbox.company import CallLimit, load_company
from sandbox.server import running
from tests.ingest.shops import World

CALLS, SECONDS = 12, 60.0
REFUSALS = {"taobao": "7", "jd": "2", "pdd": "70031"}


class Thrifty(World):
    """A shop whose settings say what the platform's console says."""

    known = True

    def marketplace(self, now: Callable[[], datetime] | None = None, **changes: Any) -> Marketplace:
        budget = {"calls_per_minute": CALLS} if self.known else {}
        return super().marketplace(now, **budget, **changes)

    def refused(self) -> int:
        return sum(call.code == REFUSALS[self.platform] for call in self.state.world.calls)

    def pull_until_done(self) -> int:
        """How many pulls it took."""
        for turn in range(1, 100):
            report = self.pull()
            if report.finished:
                return turn
            assert report.wait_until is not None, report.problem
            self.state.clock.move((report.wait_until - self.now()).total_seconds() + 0.1)
        raise AssertionError("it never came to an end")


@contextmanager
def thrifty(platform: str, sessions: sessionmaker[Session], redis: Redis, now: datetime) -> Iterator[Thrifty]:
    company = load_company(world={"orders_before": 0, "orders_a_minute": 0.0})
    company = replace(company, limits=(CallLimit(platform, "", CALLS, SECONDS),))
    with running(company, clock=Clock(standing_at=now)) as (base_url, state), sessions() as session:
        session.add(Shop(id=1, slug=platform, platform=platform, prefix="AA", name=platform, ship_hours=48))
        session.commit()
        yield Thrifty(platform, base_url, state, sessions, redis)


@pytest.mark.parametrize("platform", ["jd", "pdd"])
def test_an_application_that_knows_its_budget_is_never_refused(
    sessions: sessionmaker[Session], redis: Redis, now: datetime, platform: str
) -> None:
    with thrifty(platform, sessions, redis, now) as world:
        world.add(1200)
        assert world.pull_until_done() > 1
        assert len(world.orders()) == 1200
        assert world.refused() == 0


@pytest.mark.parametrize("platform", ["jd", "pdd"])
def test_one_that_does_not_obeys_the_platform_and_gets_everything_too(
    sessions: sessionmaker[Session], redis: Redis, now: datetime, platform: str
) -> None:
    with thrifty(platform, sessions, redis, now) as world:
        world.known = False
        world.add(1200)
        turns = world.pull_until_done()
        assert turns > 1
        assert len(world.orders()) == 1200
        assert world.refused() == turns - 1, "once, then it waits"


def test_details_are_counted_too_and_what_was_read_is_not_read_again(
    sessions: sessionmaker[Session], redis: Redis, now: datetime
) -> None:
    with thrifty("taobao", sessions, redis, now) as world:
        world.add(60)
        world.pull_until_done()
        assert len(world.orders()) == 60
        assert world.refused() == 0
        assert world.calls("taobao.trade.fullinfo.get") == 60
