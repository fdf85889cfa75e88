"""Whether a platform is down, or has lost one answer."""

from __future__ import annotations

from datetime import timedelta

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.outage import Outage
from tests.bot.samples import NOW


def after(redis: Redis, seconds: float = 0.0) -> Outage:
    return Outage(redis, NOW + timedelta(seconds=seconds))


def test_one_try_without_an_answer_is_no_outage_two_are(redis: Redis) -> None:
    after(redis).unanswered("dingtalk")
    assert not after(redis, 1).was_down("dingtalk", NOW)
    after(redis, 2).unanswered("dingtalk")
    assert after(redis, 3).was_down("dingtalk", NOW)
    assert not after(redis, 3).was_down("wecom_app", NOW)


def test_an_answer_ends_it_and_it_is_remembered_that_it_was(redis: Redis) -> None:
    for second in (0, 1):
        after(redis, second).unanswered("dingtalk")
    after(redis, 60).answered("dingtalk")
    assert after(redis, 61).was_down("dingtalk", NOW)
    assert not after(redis, 61).was_down("dingtalk", NOW + timedelta(seconds=61)), "not since then"


def test_losses_that_lie_apart_do_not_add_up(redis: Redis) -> None:
    after(redis).unanswered("dingtalk")
    after(redis, 5).answered("dingtalk")
    after(redis, 10).unanswered("dingtalk")
    assert not after(redis, 11).was_down("dingtalk", NOW)
    after(redis, 700).unanswered("dingtalk")
    assert not after(redis, 701).was_down("dingtalk", NOW), "more than ten minutes later"


def test_within_a_run_it_is_known_at_once_and_without_redis_for_that_long(redis: Redis) -> None:
    for server in (redis, Redis(port=1, retry=Retry(NoBackoff(), 0))):
        seen = Outage(server, NOW)
        seen.unanswered("x")
        seen.unanswered("x")
        assert seen.was_down("x", NOW)
        seen.answered("x")
        assert seen.was_down("x", NOW)
        assert not seen.was_down("x", NOW + timedelta(seconds=1))
