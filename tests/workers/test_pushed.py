from __future__ import annotations

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

import ingest.inbox
from config import Settings
from ingest.gate import Gate, Party
from ingest.pushing import Message
from ingest.source import Action, PlatformError, Resolution, Whose
from operators.hub import prepare
from wire import Clock, Hub, enqueue
from workers import pushed


@pytest.fixture
def hub(
    settings: Settings, engine: Engine, sessions: sessionmaker[Session], redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> Hub:
    hub = Hub(settings, engine, sessions, redis, Clock(""), enqueue)
    prepare(hub)
    monkeypatch.setattr(pushed, "hub", lambda: hub)
    return hub


def test_a_shop_that_left_the_settings_ends_quietly(hub: Hub) -> None:
    assert pushed.read_pushed("nobody") == "no such shop"


def test_shops_with_something_unread_are_asked_for_and_no_others(hub: Hub, redis: Redis) -> None:
    with hub.sessions() as session:
        ingest.inbox.keep(session, "jd", [Message("1", "order", "300000000001", b"{}")], hub.now())
        ingest.inbox.keep(session, "tb", [Message("2", "item", "", b"{}")], hub.now())
        session.commit()
    pushed.ask_for_pushed()
    pushed.ask_for_pushed()
    assert [job.args for job in Queue("pull", connection=redis).jobs] == [("jd",)]


def test_a_platform_that_wants_us_to_wait_leaves_it_for_the_next_try(hub: Hub, redis: Redis) -> None:
    gate = Gate(Party("pdd", "拼多多接口"), redis, hub.now, app="12345678")
    gate.refused(
        gate.enter("any"), PlatformError(Resolution(Action.PAUSE, Whose.PLATFORM, "暂停"), "70032", "", 600), ""
    )
    with hub.sessions() as session:
        ingest.inbox.keep(session, "pdd", [Message("1", "order", "260301-000000000000001", b"{}")], hub.now())
        session.commit()
    assert "拼多多接口要求稍后再调用" in pushed.read_pushed("pdd")
    with hub.sessions() as session:
        assert ingest.inbox.waiting(session) == ["pdd"]
