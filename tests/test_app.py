from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

import app
from config import Settings
from handlers.shops import sync_shops
from models import Cursor, Shop
from models.session import make_engine, make_sessions
from wire import Clock, Hub, enqueue


@pytest.fixture
def hub(settings: Settings, engine: Engine, sessions: sessionmaker[Session], redis: Redis) -> Hub:
    return Hub(settings, engine, sessions, redis, Clock(""), enqueue)


@pytest.fixture
def flask(hub: Hub) -> Flask:
    return app.create_app(hub)


def test_it_is_healthy_when_database_and_redis_answer(flask: Flask) -> None:
    assert flask.test_client().get("/healthz").json == {"database": "up", "redis": "up", "pulls": "none"}


@pytest.mark.parametrize(("minutes", "pulls"), [(29, "fresh"), (31, "stale")])
def test_it_tells_that_nobody_reads_the_shops(hub: Hub, flask: Flask, minutes: float, pulls: str) -> None:
    at = hub.now() - timedelta(minutes=minutes)
    with hub.open_desk() as desk:
        sync_shops(desk)
        shop = desk.session.scalars(select(Shop.id).limit(1)).one()
        desk.session.add(Cursor(shop_id=shop, api="a", synced_to=at, moved_at=at))
    answer = flask.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"database": "up", "redis": "up", "pulls": pulls})


def test_a_redis_that_is_down_is_told_apart_for_chat_goes_on(hub: Hub) -> None:
    lame = Hub(hub.settings, hub.engine, hub.sessions, Redis(port=1), hub.clock, enqueue)
    answer = app.create_app(lame).test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"database": "up", "redis": "down", "pulls": "none"})


def test_a_database_that_is_down_is_ill_health(hub: Hub) -> None:
    engine = make_engine("postgresql://nobody@127.0.0.1:1/none")
    sessions = make_sessions(engine, hub.sessions.kw["info"]["vault"])
    dead = Hub(hub.settings, engine, sessions, hub.redis, hub.clock, enqueue)
    assert app.create_app(dead).test_client().get("/healthz").status_code == 503


def test_a_body_over_a_mebibyte_is_refused(flask: Flask) -> None:
    answer = flask.test_client().post("/wecom/app", data=b"x" * (app.LARGEST_BODY + 1))
    assert answer.status_code == 413


def test_every_channel_of_the_settings_has_its_address(flask: Flask) -> None:
    paths = {rule.rule for rule in flask.url_map.iter_rules()}
    assert {"/wecom/app", "/wechat/oa", "/board", "/healthz"} <= paths


def test_the_process_list_names_what_the_house_has() -> None:
    lines = Path("Procfile").read_text(encoding="utf-8").splitlines()
    assert [line.split(":")[0] for line in lines] == ["web", "worker", "puller", "clock", "stream", "sandbox"]
