"""Orders that their platform tells of by itself: there within a second; what is lost on the way costs the pull's
interval and nothing else."""

from __future__ import annotations

import random
import time

import pytest
from rq import Queue, SimpleWorker

import jobs
from models import Order
from sandbox.push import pusher_of
from tests.flows.house import House, no_chat
from tests.waiting import eventually
from workers import pushed

pytestmark = no_chat
FAST = ("taobao", "jd", "pdd")
SLUGS = {"taobao": "tb", "jd": "jd", "pdd": "pdd"}


@pytest.fixture
def chance() -> random.Random:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    return random.Random(seed)


@pytest.fixture
def told(office: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house whose platforms push."""
    monkeypatch.setattr(pushed, "hub", lambda: office.hub)
    pusher_of(office.state).switch(on=True)
    return office


def work(house: House) -> None:
    """A puller, until nothing waits."""
    queue = Queue("pull", connection=house.hub.redis)
    SimpleWorker([queue], connection=jobs.patient(house.hub.redis)).work(burst=True, logging_level="ERROR")


def settled(house: House, sent: int) -> None:
    outcomes = pusher_of(house.state).outcomes
    eventually(lambda: sum(outcomes.values()) >= sent, f"the platforms sent {dict(outcomes)}")


def pulls(house: House) -> int:
    return sum("increment" in call.method or "enSearch" in call.method for call in house.world.calls)


@pytest.mark.parametrize("platform", FAST)
def test_an_order_is_there_within_a_second_without_a_pull(told: House, platform: str) -> None:
    asked, begun = pulls(told), time.monotonic()
    placed = told.order_in(platform, ago_seconds=0)
    eventually(lambda: len(Queue("pull", connection=told.hub.redis)), "no job was asked for")
    pushed.read_pushed(SLUGS[platform])  # what a worker that is there does at once
    took = time.monotonic() - begun
    order: Order = told.order(placed.id)
    assert order.tag.startswith({"taobao": "TB", "jd": "JD", "pdd": "PDD"}[platform])
    assert took < 1, f"it took {took:.2f} s"
    assert pulls(told) == asked


@pytest.mark.parametrize("platform", FAST)
def test_a_change_is_seen_and_the_pull_finds_nothing_new(told: House, platform: str) -> None:
    placed = told.order_in(platform)
    settled(told, 1)
    work(told)
    told.world.ship(placed.id, "圆通速递", "YT1234567890123")
    settled(told, 2)
    work(told)
    order = told.order(placed.id)
    assert order.effect == "shipped"
    told.move(minutes=15)
    told.pull()
    assert told.order(placed.id).revision == order.revision, "the list tells what was told already"


def test_a_lost_message_costs_only_the_pulls_interval(told: House) -> None:
    pusher_of(told.state).switch(lose_every=1)
    placed = told.order_in("taobao", ago_seconds=0)
    settled(told, 1)
    work(told)
    assert told.orders() == {}
    told.move(minutes=10)
    told.pull()
    assert set(told.orders()) == {placed.id}


def test_messages_that_come_twice_late_or_never_end_in_the_truth(told: House, chance: random.Random) -> None:
    pusher_of(told.state).switch(twice_every=2, late_every=3, lose_every=7)
    placed = []
    for _ in range(25):
        placed.append(told.order_in(chance.choice(FAST), ago_seconds=chance.randrange(60)))
        if chance.random() < 0.4:
            told.world.edit(chance.choice(placed).id, memo=f"备注{chance.random():.3f}")
        if chance.random() < 0.3:
            work(told)
    work(told)
    told.move(minutes=15)
    told.pull()
    assert told.orders() == told.visible()


def test_a_job_that_was_lost_is_asked_for_again(told: House) -> None:
    placed = told.order_in("taobao", ago_seconds=0)
    settled(told, 1)
    told.hub.redis.flushall()
    pushed.ask_for_pushed()
    work(told)
    assert set(told.orders()) == {placed.id}
    pushed.ask_for_pushed()
    assert len(Queue("pull", connection=told.hub.redis)) == 0
