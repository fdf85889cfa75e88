"""The platforms' messages at the web door: kept sealed, answered as the platform wants, read as a job."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from redis import Redis
from rq import Queue
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

import app
from config import Settings, parse
from ingest.inbox import BODY
from models import Push, Shop
from models.session import make_engine, make_sessions, vault_of
from operators.hub import prepare
from sandbox.chat_crypto import Crypto
from tests.conftest import settings_document
from tests.ingest import pushes
from tests.ingest.pushes import AES_KEY, KEY, NOW, SECRET, SIGNED, TOKEN, golden
from wire import Clock, Hub, enqueue

SLUGS = {"taobao": "tb", "jd": "jd", "pdd": "pdd", "douyin": "dy", "wxshop": "wx"}
ORDER = {
    "taobao": "trade_buyer_pay.json", "jd": "order_changed.json", "pdd": "trade_confirmed.json",
    "douyin": "order_paid.json", "wxshop": "order_pay.json",
}  # fmt: skip


class Still(Clock):
    def __init__(self, moment: datetime) -> None:
        super().__init__("")
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def settings() -> Settings:
    document = settings_document()
    keys = {"gateway": "http://127.0.0.1:1/x", "app_key": KEY, "app_secret": SECRET, "token": "t", "shop_id": "880003"}
    document["shops"] = [
        {"slug": slug, "platform": platform, "prefix": slug.upper(), "name": slug, **keys}
        | ({"push_token": TOKEN, "push_aes_key": AES_KEY} if platform == "wxshop" else {})
        for platform, slug in SLUGS.items()
    ]
    return parse(document)


@pytest.fixture
def hub(settings: Settings, engine: Engine, sessions: sessionmaker[Session], redis: Redis) -> Hub:
    hub = Hub(settings, engine, sessions, redis, Still(NOW), enqueue)
    prepare(hub)
    return hub


@dataclass
class Door:
    hub: Hub
    client: FlaskClient

    def send(self, platform: str, name: str = "", secret: str | None = None) -> TestResponse:
        body = golden(platform, name or ORDER[platform])
        sent = SIGNED[platform](body) if secret is None else SIGNED[platform](body, secret)
        return self.client.post(
            f"/push/{platform}/{SLUGS[platform]}", query_string=dict(sent.query), data=sent.body,
            headers=dict(sent.headers),
        )  # fmt: skip

    def kept(self) -> list[Push]:
        with self.hub.sessions() as session:
            return list(session.scalars(select(Push).order_by(Push.id)))

    def queued(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(str(job.func_name), tuple(job.args)) for job in Queue("pull", connection=self.hub.redis).jobs]


@pytest.fixture
def door(hub: Hub) -> Door:
    return Door(hub, app.create_app(hub).test_client())


@pytest.mark.parametrize("platform", list(SLUGS))
def test_a_message_is_kept_sealed_answered_and_its_order_is_asked_for(door: Door, platform: str) -> None:
    answer = door.send(platform)
    push = pushes.pushing(platform)
    assert (answer.status_code, answer.data) == (200, push.accepted.body)
    kept = door.kept()
    assert all(one.number and one.done_at is None for one in kept)
    with door.hub.sessions() as session:
        shop = session.get_one(Shop, kept[0].shop_id)
        opened = zlib.decompress(vault_of(session).open(kept[0].body, BODY))
    assert shop.slug == SLUGS[platform]
    assert kept[0].number.encode() in opened
    assert kept[0].number.encode() not in kept[0].body
    assert door.queued() == [("workers.pushed.read_pushed", (SLUGS[platform],))]


@pytest.mark.parametrize("platform", list(SLUGS))
def test_the_same_message_twice_is_one_row_and_one_job(door: Door, platform: str) -> None:
    answers = [door.send(platform).data for _ in range(3)]
    assert len(set(answers)) == 1
    assert len(door.kept()) == (2 if platform == "douyin" else 1), "Douyin's list holds two"
    assert len(door.queued()) == 1


@pytest.mark.parametrize("platform", list(SLUGS))
def test_a_wrong_signature_gets_the_platforms_refusal_and_leaves_nothing(door: Door, platform: str) -> None:
    answer = door.send(platform, secret="another")
    push = pushes.pushing(platform)
    assert (answer.status_code, answer.data) == (push.refused.status, push.refused.body)
    assert (door.kept(), door.queued()) == ([], [])


@pytest.mark.parametrize(
    ("platform", "name"),
    [("taobao", "item_changed.json"), ("pdd", "goods_changed.json"), ("pdd", "heartbeat.json"),
     ("douyin", "trial.json"), ("wxshop", "coupon.json"), ("jd", "stock_changed.json")],
)  # fmt: skip
def test_an_unknown_kind_is_kept_and_answered_and_nothing_is_asked_for(door: Door, platform: str, name: str) -> None:
    assert door.send(platform, name).data == pushes.pushing(platform).accepted.body
    (kept,) = door.kept()
    assert (kept.number, kept.done_at) == ("", NOW)
    assert door.queued() == []


def test_a_shop_that_is_not_there_and_a_platform_that_does_not_push_are_not_found(door: Door) -> None:
    for path in ("/push/taobao/nobody", "/push/jd/tb", "/push/mail/tb", "/push/wxshop/tb"):
        assert door.client.post(path).status_code == 404
    assert door.client.get("/push/taobao/tb").status_code == 404, "Taobao asks no question"


def test_the_console_of_the_wechat_shop_gets_its_answer(door: Door) -> None:
    crypto = Crypto(TOKEN, AES_KEY, KEY)
    query = {"signature": crypto.plain_sign("1772332200", "n"), "timestamp": "1772332200", "nonce": "n"}
    answer = door.client.get("/push/wxshop/wx", query_string={**query, "echostr": "4375120"})
    assert (answer.status_code, answer.data) == (200, b"4375120")
    assert door.client.get("/push/wxshop/wx", query_string={**query, "nonce": "m", "echostr": "1"}).status_code == 403


def test_a_body_without_an_end_is_refused_before_it_is_read(door: Door) -> None:
    assert door.client.post("/push/taobao/tb", data=b"x" * 300_000).status_code == 413
    assert door.kept() == []


def test_a_database_that_is_down_has_the_platform_come_again(hub: Hub) -> None:
    engine = make_engine("postgresql://nobody@127.0.0.1:1/none")
    dead = replace(hub, engine=engine, sessions=make_sessions(engine, hub.sessions.kw["info"]["vault"]))
    answer = Door(dead, app.create_app(dead).test_client()).send("taobao")
    assert answer.status_code == 503


@pytest.fixture
def sick_disk(hub: Hub) -> Iterator[None]:
    """Whatever is kept of a message takes six seconds."""
    with hub.engine.begin() as connection:
        connection.execute(
            text("""
            CREATE FUNCTION slow() RETURNS trigger AS 'BEGIN PERFORM pg_sleep(6); RETURN NEW; END' LANGUAGE plpgsql;
            CREATE TRIGGER slow BEFORE INSERT ON pushes FOR EACH ROW EXECUTE FUNCTION slow();
        """)
        )
    yield
    with hub.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER slow ON pushes; DROP FUNCTION slow()"))


@pytest.mark.usefixtures("sick_disk")
def test_a_database_that_takes_too_long_has_the_platform_come_again_in_time(door: Door) -> None:
    began = time.monotonic()
    assert door.send("taobao").status_code == 503
    assert time.monotonic() - began < 2
    assert door.kept() == []


def test_a_redis_that_is_down_loses_no_message(hub: Hub) -> None:
    lame = replace(hub, redis=Redis(port=1))
    door = Door(lame, app.create_app(lame).test_client())
    assert door.send("taobao").status_code == 200
    assert len(door.kept()) == 1


def test_what_is_older_than_the_tolerance_is_refused(hub: Hub) -> None:
    late = replace(hub, clock=Still(NOW + timedelta(minutes=11)))
    door = Door(late, app.create_app(late).test_client())
    assert door.send("taobao").data == pushes.pushing("taobao").refused.body
    assert door.kept() == []
