"""The month's quota: counted by every process, kept once, told in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot import usage
from bot.channels.dingtalk.quota import NAME, Kind, Quota
from config import Settings, parse
from handlers.desk import OpenDesk
from models import Notification, Urgency
from tests.bot.channels.dingtalk import ding_fits
from tests.bot.conftest import NO_RETRY
from tests.bot.samples import NOW
from tests.conftest import settings_document

DECEMBER, JANUARY = "2025-12", datetime(2025, 12, 31, 16, 0, tzinfo=NOW.tzinfo)


def ding(**changes: int) -> Settings:
    document: dict[str, Any] = {**settings_document(), **ding_fits.SECTIONS}
    return parse({**document, "dingtalk": {**document["dingtalk"], **changes}})


class Month:
    """The hub at a moment that can be moved."""

    def __init__(self, redis: Redis, desks: Callable[..., OpenDesk], settings: Settings) -> None:
        assert settings.dingtalk is not None
        self.now, self.redis, self.settings = NOW, redis, settings
        self.quota = Quota(redis, settings.dingtalk)
        self.open_desk = desks(settings, lambda: self.now)

    def keep(self) -> None:
        usage.keep(self.open_desk, self.redis, self.settings, lambda: self.now)

    def used(self, months: int = 1) -> dict[tuple[str, str], int]:
        with self.open_desk() as desk:
            return {(one.month, one.kind.value): one.used for one in usage.used(desk, self.redis, months)}


@pytest.fixture
def month(redis: Redis, desks: Callable[..., OpenDesk]) -> Month:
    return Month(redis, desks, ding(calls_per_month=100, stream_per_month=50))


def told(sessions: sessionmaker[Session]) -> list[tuple[str, str]]:
    with sessions() as session:
        rows = session.scalars(select(Notification).order_by(Notification.id))
        return [(row.dedupe_key.rpartition(":staff")[0], str(row.body["text"])) for row in rows]


def test_what_was_counted_is_kept_and_counted_on(month: Month) -> None:
    month.quota.count(Kind.CALLS, 3)
    month.quota.count(Kind.UNITS)
    assert month.used() == {(DECEMBER, "calls"): 3, (DECEMBER, "units"): 1}, "before it is kept"
    month.keep()
    month.quota.count(Kind.CALLS)
    assert month.used() == {(DECEMBER, "calls"): 4, (DECEMBER, "units"): 1}
    assert month.quota.used(Kind.CALLS) == 4
    month.keep()
    month.keep()
    assert month.used() == {(DECEMBER, "calls"): 4, (DECEMBER, "units"): 1}


def test_a_redis_that_forgot_learns_the_month_again(month: Month) -> None:
    month.quota.count(Kind.CALLS, 40)
    month.keep()
    month.redis.delete(NAME)
    assert month.quota.used(Kind.CALLS) == 0
    month.keep()
    assert month.quota.used(Kind.CALLS) == 40


def test_a_new_month_begins_at_midnight_in_beijing(month: Month) -> None:
    month.quota.count(Kind.CALLS, 40)
    month.now = JANUARY - timedelta(seconds=1)
    month.keep()
    month.now = JANUARY
    month.keep()
    assert month.quota.used(Kind.CALLS) == 0
    month.quota.count(Kind.CALLS, 2)
    assert month.used(2) == {
        ("2026-01", "calls"): 2, ("2026-01", "units"): 0, (DECEMBER, "calls"): 40, (DECEMBER, "units"): 0
    }  # fmt: skip


def test_the_supervisors_hear_of_four_fifths_once(
    month: Month, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    for count in (79, 1, 1, 5):
        month.quota.count(Kind.CALLS, count)
        month.keep()
    ((key, words),) = told(sessions)
    assert key == "usage:dingtalk:2025-12:calls:0.8"
    assert words.startswith("本月钉钉的接口调用额度已用 80%（80 / 100 次）。用到 96% 后")


def test_they_hear_when_only_deadlines_are_told_any_more_and_that_gets_through(
    month: Month, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    month.quota.count(Kind.UNITS, 49)
    month.keep()
    ((key, words),) = told(sessions)
    assert key == "usage:dingtalk:2025-12:units:0.96"
    assert "只有期限提醒" in words
    with sessions() as session:
        assert session.scalars(select(Notification.urgency)).all() == [Urgency.ALERT]


def test_while_one_process_keeps_the_others_do_not(month: Month) -> None:
    month.quota.count(Kind.CALLS)
    month.redis.set(f"{NAME}:busy", 1)
    month.keep()
    assert month.redis.hget(NAME, "calls") == b"1"


def test_without_dingtalk_or_without_redis_nothing_happens(
    redis: Redis, month: Month, open_desk: OpenDesk, settings: Settings
) -> None:
    usage.keep(open_desk, redis, settings, lambda: NOW)
    away = Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY)
    usage.keep(month.open_desk, away, month.settings, lambda: NOW)
    with open_desk() as desk:
        assert usage.used(desk, redis) == []
    assert not redis.exists(NAME)
