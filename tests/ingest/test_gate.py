"""The gate before a party: budgets and told waits, shared by all workers; circuits are in test_breaker.py."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import parse
from ingest.budget import DAY, MINUTE, SECOND, Limit, limits_of
from ingest.gate import Gate
from ingest.http import Unreached
from ingest.source import Action
from tests.conftest import settings_document
from tests.ingest.hall import READ, SHIP, TAOBAO, Hall, lost, said


@pytest.fixture
def hall(redis: Redis, now: datetime) -> Hall:
    return Hall(redis, now)


# -- budgets


def test_a_budget_is_the_applications_whichever_worker_calls(hall: Hall) -> None:
    one, other = hall.worker(Limit(3, MINUTE)), hall.worker(Limit(3, MINUTE))
    for gate in (one, other, one):
        hall.call(gate)
    error = hall.refused(other)
    assert error is not None
    assert (error.resolution.action, error.resolution.text) == (Action.WAIT, "淘宝接口的调用额度暂时用完，到时自动继续")
    assert 60 <= error.wait_seconds <= 63
    assert hall.refused(hall.worker(Limit(3, MINUTE), app="another")) is None
    hall.pass_by(seconds=error.wait_seconds)
    assert hall.refused(one) is None


def test_no_window_of_the_platform_ever_holds_more_calls_than_allowed(hall: Hall) -> None:
    gate, made = hall.worker(Limit(20, MINUTE)), []
    for _ in range(600):
        hall.pass_by(seconds=0.37)
        if hall.refused(gate) is None:
            made.append(hall.moment)
    for at in made:
        assert sum(at <= other < at + timedelta(seconds=60) for other in made) <= 20
    assert len(made) >= 57, "and nearly all that is allowed is used"


def test_workers_whose_clocks_differ_a_little_count_together(redis: Redis, now: datetime) -> None:
    ahead, behind = Hall(redis, now + timedelta(milliseconds=200)), Hall(redis, now)
    made = sum(hall.refused(hall.worker(Limit(6, 10))) is None for _ in range(6) for hall in (ahead, behind))
    assert made == 6


def test_a_clock_that_was_put_back_does_not_count_what_is_yet_to_come(hall: Hall) -> None:
    gate = hall.worker(Limit(1, MINUTE))
    hall.call(gate)
    hall.pass_by(hours=-2)
    assert hall.refused(gate) is None


def test_a_short_wait_is_waited_for(hall: Hall) -> None:
    gate = hall.worker(Limit(5, SECOND))
    for _ in range(12):
        assert hall.refused(gate) is None
    assert 2 <= len(hall.slept) <= 4
    assert all(0 < seconds < 1.4 for seconds in hall.slept)


def test_a_methods_budget_leaves_the_others_alone(hall: Hall) -> None:
    gate = hall.worker(Limit(1, DAY, SHIP), Limit(3, DAY))
    assert [hall.refused(gate, SHIP) is None, hall.refused(gate, SHIP) is None] == [True, False]
    assert [hall.refused(gate, READ) is None for _ in range(3)] == [True, True, False]


def test_what_was_refused_was_not_spent(hall: Hall) -> None:
    gate = hall.worker(Limit(1, DAY, SHIP), Limit(3, DAY))
    hall.refused(gate, SHIP)
    for _ in range(5):
        assert hall.refused(gate, SHIP) is not None
    assert [hall.refused(gate, READ) is None for _ in range(3)] == [True, True, False]


def test_the_settings_know_better_than_the_source() -> None:
    declared = (Limit(1_000_000, DAY), Limit(3_000, MINUTE, READ))
    shop = parse(settings_document()).shops[0]
    assert limits_of(shop, declared) == declared
    shop = shop.model_copy(update={"calls_per_day": 5000, "calls_per_second": 2})
    assert set(limits_of(shop, declared)) == {Limit(2, SECOND), Limit(5000, DAY), Limit(3_000, MINUTE, READ)}


# -- what the platform tells


def test_a_told_wait_holds_every_worker_of_the_application_for_that_method(hall: Hall) -> None:
    one, other, stranger = hall.worker(), hall.worker(), hall.worker(app="another")
    hall.call(one, error=said(Action.WAIT, "7", seconds=40))
    error = hall.refused(other)
    assert error is not None
    assert (error.resolution.text, round(error.wait_seconds)) == ("淘宝接口要求稍后再调用，到时自动继续", 40)
    assert hall.refused(other, SHIP) is None
    assert hall.refused(stranger) is None
    hall.pass_by(seconds=40.1)
    assert hall.refused(other) is None


def test_a_ban_holds_every_method_of_the_application(hall: Hall) -> None:
    hall.call(hall.worker(), error=said(Action.PAUSE, "7", seconds=1800))
    other = hall.worker()
    for method in (READ, SHIP):
        error = hall.refused(other, method)
        assert error is not None
        assert round(error.wait_seconds) == 1800


def test_a_shorter_word_does_not_end_a_longer_one_and_a_longer_one_counts(hall: Hall) -> None:
    one, other, third = hall.worker(), hall.worker(), hall.worker()
    leaves = [gate.enter(READ) for gate in (one, other, third)]
    for gate, leave, seconds in zip((one, other, third), leaves, (60, 3, 90), strict=True):
        gate.refused(leave, said(Action.WAIT, "7", seconds=seconds), "错误码 7")
        error = hall.refused(one)
        assert error is not None
        assert round(error.wait_seconds) == max(seconds, 60)
    hall.pass_by(seconds=90.1)
    assert hall.refused(one) is None


@pytest.mark.parametrize(("action", "seconds"), [(Action.WAIT, 60), (Action.PAUSE, 600)])
def test_where_the_platform_names_no_time_it_is_left_alone_as_long_as_usual(
    hall: Hall, action: Action, seconds: int
) -> None:
    gate = hall.worker()
    hall.call(gate, error=said(action))
    error = hall.refused(gate)
    assert error is not None
    assert round(error.wait_seconds) == seconds


def test_a_told_second_is_waited_for_by_the_next_caller(hall: Hall) -> None:
    gate = hall.worker()
    hall.call(gate, error=said(Action.WAIT, "7", seconds=1))
    assert hall.refused(gate) is None
    assert len(hall.slept) == 1
    assert 1 <= hall.slept[0] <= 1.25


# -- without Redis


def test_without_redis_every_call_is_made_and_the_dead_server_is_not_asked_each_time(now: datetime) -> None:
    dead = Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    moment = [now]
    gate = Gate(TAOBAO, dead, lambda: moment[0], limits=(Limit(1, DAY),))
    for _ in range(3):
        gate.worked(gate.enter(READ))
    raised = lost()
    assert isinstance(raised, Unreached)
    assert gate.unreached(raised, "网络超时") is raised
    moment[0] += timedelta(minutes=1)
    told = said(Action.WAIT, seconds=5)
    assert gate.refused(gate.enter(READ), told, "") is told
